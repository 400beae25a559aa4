import measure from "../../deps/fast_string_truncated_width.ts";
import { wrapAnsi } from "../../deps/fast_wrap_ansi.ts";

/** Width of a text on a terminal: escape sequences take no room, ideographs twice as much. */
export function width(text: string): number {
  return measure(text).width;
}

/** A text cut to a number of columns: one that is longer ends with …. */
export function shorten(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let { index } = measure(text, { limit: columns, ellipsis: "…" });
  // Within a run of wide characters it is one character late.
  while (index > 0 && (width(text.slice(0, index)) >= columns || isCut(text, index))) index--;
  // What was coloured must end, too.
  // deno-lint-ignore no-control-regex -- colour sequences begin with a control character
  const ends = text.slice(index).match(/\x1b\[(22|39)m/g) ?? [];
  return `${text.slice(0, index)}…${ends.join("")}`;
}

/** True if a character of two halves would lose one. */
function isCut(text: string, index: number): boolean {
  return /[\uD800-\uDBFF]/.test(text[index - 1] ?? "");
}

/** Start of a line that the lines below it are indented by: blanks, a mark. */
const HEAD = /^(?: *→ )? */;
// deno-lint-ignore no-control-regex -- colour sequences begin with a control character
const MARK = /^(?:\x1b\[\d+m)*[✓✗!=…–-](?:\x1b\[\d+m)* /;

/**
 * Folds lines at words so that none is wider than the terminal; a longer word is left to it.
 * The continuation of a line is indented as the line is.
 *
 * @param columns Absent: nothing is folded.
 */
export function fold(text: string, columns: number | undefined): string {
  if (columns === undefined || columns < 20) return text;
  return text.split("\n").map((line) => {
    if (width(line) <= columns) return line;
    const head = MARK.exec(line)?.[0] ?? HEAD.exec(line)?.[0] ?? "";
    const indent = width(head);
    const rest = wrapAnsi(line.slice(head.length), columns - indent, { hard: false, trim: true });
    return head + rest.replaceAll("\n", `\n${" ".repeat(indent)}`);
  }).join("\n");
}
