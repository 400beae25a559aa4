import { basename, dirname, join, normalize, relative } from "node:path";
import { HOME } from "../release/home.ts";
import { commandReference } from "./commands.ts";

/** A page of the site: its path, the same as in the project, and its Markdown. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** An entry of the sidebar. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly SidebarItem[];
  readonly collapsed?: boolean;
}

const COMMANDS = "docs/commands.md";
const EXAMPLES = "examples/index.md";
/** Pages outside docs/ that other pages link to. */
const FURTHER = ["README.md", "CHANGELOG.md", "sim/README.md", "tests/faults/matrix.md"];

/**
 * Reads every page: the Markdown of the project as it is, except for links to what is no page,
 * and three pages that are made: the first page, the command reference and the examples.
 *
 * @param root The root of the project.
 */
export async function readPages(root: string): Promise<Page[]> {
  const files = [...FURTHER];
  for (const directory of ["docs", "docs/adr"]) {
    for (const name of await namesIn(join(root, directory), ".md")) {
      files.push(`${directory}/${name}`);
    }
  }
  const known = new Set([...files, COMMANDS, EXAMPLES]);
  const pages = await Promise.all(files.map(async (path) => {
    const text = await Deno.readTextFile(join(root, path));
    return { path, text: withLinks(path, text, known) };
  }));
  const readme = pages.find(({ path }) => path === "README.md")?.text ?? "";
  return [
    ...pages,
    { path: "index.md", text: firstPage(readme) },
    { path: COMMANDS, text: commandReference() },
    { path: EXAMPLES, text: await examples(root) },
  ];
}

async function namesIn(directory: string, ending: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  return entries.filter((name) => name.endsWith(ending)).sort();
}

/** The same Markdown with each link leading to a page, or else to the file in the repository. */
export function withLinks(path: string, text: string, pages: ReadonlySet<string>): string {
  return text.replace(/\]\(([^)\s]+)\)/g, (whole, link: string) => {
    if (/^(?:[a-z]+:|#)/i.test(link)) return whole;
    const [file = "", anchor] = link.split("#");
    const target = normalize(join(dirname(path), file)).replaceAll("\\", "/");
    const recipe = /^examples\/(.+\.yaml)$/.exec(target)?.[1];
    const to = target === "examples" || recipe !== undefined ? EXAMPLES : target;
    if (to.endsWith(".svg")) return whole;
    if (!pages.has(to)) return `](${HOME}/blob/main/${target})`;
    const at = recipe?.replaceAll(".", "-") ?? anchor;
    return `](${relativeLink(path, to)}${at === undefined ? "" : `#${at}`})`;
  });
}

function relativeLink(from: string, to: string): string {
  const path = relative(dirname(from), to).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** The first page: what pxrun is, the demo, and the first sections of the README. */
function firstPage(readme: string): string {
  const [, claim = "", about = ""] = /\*\*([\s\S]+?)\*\*\n\n(?:!\[[^\n]*\n\n)?([^\n][\s\S]*?)\n\n/
    .exec(readme) ?? [];
  const line = (text: string): string => JSON.stringify(text.replaceAll(/\s+/g, " "));
  const picture = /^!\[[^\n]*\)$/m.exec(readme)?.[0] ?? "";
  const sections = /^## Try it[\s\S]*?(?=^## Recipes$)/m.exec(readme)?.[0] ?? "";
  return `---
layout: home
hero:
  name: pxrun
  text: ${line(claim)}
  tagline: ${line(about)}
  actions:
    - { theme: brand, text: Quickstart, link: /docs/quickstart }
    - { theme: alt, text: Commands, link: /docs/commands }
    - { theme: alt, text: Recipe, link: /docs/recipe }
---

${picture}

${sections}
[All pages of the documentation](./docs/README.md)
`;
}

/** The recipes of examples/, each under its name. */
async function examples(root: string): Promise<string> {
  const parts = ["# Examples", "Recipes to start from."];
  for (const name of await namesIn(join(root, "examples"), ".yaml")) {
    const text = await Deno.readTextFile(join(root, "examples", name));
    parts.push(
      `## ${name} {#${name.replaceAll(".", "-")}}`,
      `\`\`\`yaml\n${text.trimEnd()}\n\`\`\``,
    );
  }
  return parts.join("\n\n") + "\n";
}

/** The sidebar: the index of the documentation, section by section, in its order. */
export function sidebarOf(pages: readonly Page[]): SidebarItem[] {
  const title = (path: string): string =>
    /^# (.+)$/m.exec(pages.find((page) => page.path === path)?.text ?? "")?.[1] ?? basename(path);
  const item = (path: string): SidebarItem => ({
    text: title(path).replaceAll("`", ""),
    link: `/${path.replace(/\.md$/, "").replace(/(^|\/)index$/, "$1")}`,
  });
  const index = pages.find(({ path }) => path === "docs/README.md")?.text ?? "";
  const sections = index.split(/^## /m).slice(1).map((section): SidebarItem => ({
    text: section.slice(0, section.indexOf("\n")),
    items: [...section.matchAll(/\]\(\.\/([^)]+\.md)\)/g)].map(([, to = ""]) => item(`docs/${to}`)),
  }));
  const reference = { text: "Reference", items: [COMMANDS, EXAMPLES, "CHANGELOG.md"].map(item) };
  const [first, daily, ...others] = sections;
  const start = [{ text: "Overview", link: "/README" }, ...first?.items ?? []];
  return [
    { text: first?.text ?? "", items: start },
    ...(daily === undefined ? [] : [daily]),
    reference,
    ...others,
  ];
}
