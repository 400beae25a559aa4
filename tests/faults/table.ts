import type { Cell } from "./cells.ts";
import { KINDS } from "./kinds.ts";
import { GOOD, type Word } from "./outcome.ts";
import type { Row } from "./rows.ts";
import { SCENES } from "./scenes.ts";

/** The words of a document, by the titles of its rows and columns. */
export interface Table {
  readonly scene: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly title: string; readonly words: readonly string[] }[];
}

/** What stands at the beginning of a row: `start: POST /nodes/pve01/lxc/100/status/start`. */
export function titleOf({ step, by, what, nth }: Row): string {
  const line = by === "API" ? what : `${by}: ${what}`;
  return `${step}: ${line}${nth > 1 ? ` (${nth})` : ""}`.replaceAll("|", "\\|");
}

/** The document of all cells. */
export function document(
  rows: readonly Row[],
  wordOf: (cell: Cell) => Word,
): string {
  const tables = SCENES.map(({ name }) => {
    const own = rows.filter(({ scene }) => scene === name);
    const lines = own.map((row) => [titleOf(row), ...KINDS.map((kind) => wordOf({ row, kind }))]);
    const head = ["when", ...KINDS.map((kind) => kind.name)];
    return `## ${name}\n\n${[head, head.map(() => "---"), ...lines].map(lineOf).join("")}`;
  });
  return `${HEAD}\n${tables.join("\n")}\n${meanings()}`;
}

const HEAD = `# The fault matrix

Made by \`deno task faults\`; what it proves is in docs/faults.md. Each command runs against the
simulated cluster once for each request or command that it sends (the rows) and each fault at that
moment (the columns). Afterwards the cluster is searched for leftovers: containers, disks, downloads,
tokens, keys and nodes of a tailnet, directories of the node, locks, tasks, processes inside. Requests
that are sent in parallel or repeatedly are listed once.
`;

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

function meanings(): string {
  const words = Object.entries(GOOD).map(([word, meaning]) => `- \`${word}\`: ${meaning}\n`);
  const kinds = KINDS.map(({ name, meaning }) => `- \`${name}\`: ${meaning}\n`);
  return `## Outcomes\n\n${words.join("")}\n## Faults\n\n${kinds.join("")}`;
}

/** Reads the tables of a document. */
export function readTables(text: string): Table[] {
  return text.split(/^## /m).slice(1).flatMap((section) => {
    const lines = section.split("\n").filter((line) => line.startsWith("|")).map(cellsOf);
    const [head, , ...rows] = lines;
    if (head === undefined) return [];
    return [{
      scene: section.slice(0, section.indexOf("\n")),
      columns: head.slice(1),
      rows: rows.map(([title = "", ...words]) => ({ title, words })),
    }];
  });
}

function cellsOf(line: string): string[] {
  return line.slice(1, line.lastIndexOf("|")).split(/(?<!\\)\|/).map((cell) => cell.trim());
}
