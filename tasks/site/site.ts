/**
 * `deno task site [DIRECTORY]`: the documentation as static pages, in dist/site. The pages are the
 * Markdown of the project and the command reference, made from the command tree; the generator is
 * VitePress, with packages and a lock file of its own (tasks/site/vitepress), which are no part of
 * the product. Exits 1 when a link leads nowhere. `--lock` writes the lock file again.
 */
import { dirname, join, resolve } from "node:path";
import { checkLinks, type SiteLinks } from "./check.ts";
import { readPages, sidebarOf } from "./pages.ts";
import { HOME } from "../release/home.ts";

const root = join(import.meta.dirname ?? ".", "../..");
const packages = join(root, "tasks/site/vitepress");

async function deno(cwd: string, ...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  if (success) return;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  throw new Error(`deno ${args.join(" ")} failed:\n${said}`);
}

/**
 * Builds the site.
 *
 * @param into Its directory, which is emptied first.
 * @param options `lock`: write the lock file of the generator again.
 * @returns Its links, the broken ones among them.
 */
export async function buildSite(
  into: string,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<SiteLinks> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-site-" });
  try {
    const pages = await readPages(root);
    const source = join(directory, "source");
    for (const { path, text } of pages) {
      await Deno.mkdir(join(source, dirname(path)), { recursive: true });
      await Deno.writeTextFile(join(source, path), text);
    }
    await Deno.copyFile(join(root, "docs/demo.svg"), join(source, "docs/demo.svg"));
    const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
    const settings = { home: HOME, version, sidebar: sidebarOf(pages), outDir: resolve(into) };
    await Deno.mkdir(join(source, ".vitepress"));
    await Deno.copyFile(join(packages, "config.js"), join(source, ".vitepress/config.js"));
    await Deno.copyFile(join(packages, "style.css"), join(source, ".vitepress/style.css"));
    await Deno.writeTextFile(join(source, ".vitepress/settings.json"), JSON.stringify(settings));

    await Deno.copyFile(join(packages, "package.json"), join(directory, "package.json"));
    if (!lock) await Deno.copyFile(join(packages, "deno.lock"), join(directory, "deno.lock"));
    await Deno.writeTextFile(join(directory, "deno.json"), '{ "nodeModulesDir": "auto" }\n');
    await deno(directory, "install", "--quiet", ...lock ? [] : ["--frozen"]);
    if (lock) await Deno.copyFile(join(directory, "deno.lock"), join(packages, "deno.lock"));
    await Deno.remove(into, { recursive: true }).catch(() => {});
    // By its file: by its name it would be looked up in the registry first.
    const generator = "node_modules/vitepress/bin/vitepress.js";
    await deno(directory, "run", "-A", "--cached-only", generator, "build", "source");
    return await checkLinks(into);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const [into = join(root, "dist/site")] = Deno.args.filter((arg) => !arg.startsWith("-"));
  const { pages, links, broken } = await buildSite(into, { lock: Deno.args.includes("--lock") });
  for (const line of broken) console.error(`broken: ${line}`);
  console.log(`${into}: ${pages} pages, ${links} links, ${broken.length} broken`);
  Deno.exitCode = broken.length === 0 ? 0 : 1;
}
