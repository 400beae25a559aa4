import { dirname, join, relative, resolve } from "node:path";

async function* htmlFiles(directory: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) yield* htmlFiles(path);
    else if (name.endsWith(".html")) yield path;
  }
}

/** Count of the pages and links of a built site, and what is broken in it. */
export interface SiteLinks {
  readonly pages: number;
  readonly links: number;
  /** `page: link` of every link, picture, style or script that leads nowhere. */
  readonly broken: readonly string[];
}

/**
 * Follows every internal link of a built site, to its file and to the element with its anchor.
 *
 * @param site The directory of the site.
 */
export async function checkLinks(site: string): Promise<SiteLinks> {
  const texts = new Map<string, string>();
  for await (const path of htmlFiles(site)) texts.set(path, await Deno.readTextFile(path));
  const ids = new Map([...texts].map(([path, text]) => [
    path,
    new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)),
  ]));
  const broken: string[] = [];
  let links = 0;
  for (const [page, text] of texts) {
    // The page for what is not found has links that scripts fill in.
    for (const [, link = ""] of text.matchAll(/\s(?:href|src)="([^"]+)"/g)) {
      if (/^(?:[a-z]+:|\/\/)/i.test(link)) continue;
      links++;
      const [file = "", anchor] = decodeURIComponent(link.replaceAll("&amp;", "&")).split("#");
      const target = file === ""
        ? page
        : file.startsWith("/")
        ? join(site, file)
        : resolve(dirname(page), file);
      const found = await existing(target);
      const isThere = found !== undefined &&
        (anchor === undefined || anchor === "" || ids.get(found)?.has(anchor));
      if (!isThere) broken.push(`${relative(site, page)}: ${link}`);
    }
  }
  return { pages: texts.size, links, broken };
}

async function existing(path: string): Promise<string | undefined> {
  for (const one of [path, join(path, "index.html"), `${path}.html`]) {
    if ((await Deno.stat(one).catch(() => undefined))?.isFile) return one;
  }
  return undefined;
}
