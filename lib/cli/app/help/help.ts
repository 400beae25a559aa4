/** One entry of a help page: an option, a command or an example, and its description. */
export type HelpItem = readonly [term: string, description: string];

/** A paragraph of a help page, or entries under a heading. */
export type HelpSection =
  | { readonly text: string }
  | { readonly heading: string; readonly items: readonly HelpItem[] };

/** The narrowest and the widest page: longer lines are hard to read. */
const WIDTHS = { least: 40, usual: 80, most: 100 };
/** The widest column of terms; a longer term has its description below it. */
const TERMS = 30;
/** A narrower column of descriptions is hard to read: they then go below their terms. */
const DESCRIPTIONS = 30;

/** The width of help pages: that of the terminal, if there is one. */
export function helpWidth(isTerminal: boolean, columns: number): number {
  if (!isTerminal || !(columns > 0)) return WIDTHS.usual;
  return Math.min(Math.max(columns, WIDTHS.least), WIDTHS.most);
}

/** A help page, folded at a width. Without any library: `--help` has no time to load one. */
export function helpText(sections: readonly HelpSection[], width: number): string {
  return sections.map((section) =>
    "text" in section
      ? foldWords(section.text, width)
      : `${section.heading}\n${itemsText(section.items, width)}`
  ).join("\n");
}

function itemsText(items: readonly HelpItem[], width: number): string {
  const terms = Math.min(TERMS, Math.max(...items.map(([term]) => term.length)));
  const besides = width - terms - 4 >= DESCRIPTIONS;
  const indent = besides ? terms + 4 : 6;
  return items.map(([term, description]) => {
    const lines = foldWords(description, width - indent).trimEnd()
      .replaceAll("\n", `\n${" ".repeat(indent)}`);
    if (besides && term.length <= terms) return `  ${term.padEnd(terms)}  ${lines}\n`;
    const head = foldWords(term, width - 2).trimEnd().replaceAll("\n", "\n      ");
    return `  ${head}\n${" ".repeat(indent)}${lines}\n`;
  }).join("");
}

/** Plain ASCII in lines of at most `width` characters; a longer word is a line of its own. */
function foldWords(text: string, width: number): string {
  return text.split("\n").flatMap((line) => {
    const [indent = ""] = /^ */.exec(line) ?? [];
    const lines: string[] = [];
    let folded = "";
    for (const word of line.trim().split(/ +/)) {
      const longer = folded === "" ? indent + word : `${folded} ${word}`;
      if (folded === "" || longer.length <= width) folded = longer;
      else {
        lines.push(folded);
        folded = indent + word;
      }
    }
    return [...lines, folded];
  }).map((line) => `${line}\n`).join("");
}

/** The end of `pxrun --help`: examples, and the exit statuses. */
export const ROOT_END: readonly HelpSection[] = [
  {
    heading: "Examples:",
    items: [
      ["pxrun setup", "create a token for your cluster, and the config file"],
      ["pxrun create web.yaml", "create a container from a recipe"],
      ["pxrun create", "the same by answering questions"],
      ["pxrun list --ips", "list every container, with its addresses"],
      ["pxrun shell web-1", "open a terminal in it"],
      ["pxrun destroy web-1", "remove it"],
      ["pxrun demo", "all of that on an embedded cluster; nothing else is needed"],
    ],
  },
  {
    text: "Containers are named by VMID or hostname; all digits is always a VMID. " +
      "`pxrun help COMMAND` explains a command.",
  },
  {
    text: "Exit status: 0 done, 1 failed, 2 usage or invalid recipe, 3 not found, " +
      "4 authentication or permission, 5 unreachable, 130 interrupted. exec and shell exit with " +
      "the status of what they run, and with 125 for a failure of pxrun itself.",
  },
];
