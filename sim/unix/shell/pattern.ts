import { entriesOf, type FileTree } from "../os/tree.ts";

/** A piece of an expanded word: what is quoted stands for itself. */
export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  /** True if IFS splits it: it came from an expansion outside quotes. */
  readonly split: boolean;
}

/** The text of a field. */
export function join(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join("");
}

/** The regular expression source of a pattern, `any` for what `*` and `?` match. */
function source(pieces: readonly Piece[], any: string): string {
  const chars = pieces.flatMap((piece) =>
    piece.text.split("").map((char) => ({ char, active: !piece.quoted }))
  );
  let result = "";
  for (let i = 0; i < chars.length; i++) {
    const { char = "", active = false } = chars[i] ?? {};
    const next = chars[i + 1];
    if (!active) result += escape(char);
    else if (char === "*") result += `${any}*`;
    else if (char === "?") result += any;
    else if (char === "\\" && next !== undefined) {
      result += escape(next.char);
      i++;
    } else if (char === "[") {
      const set = bracket(chars.slice(i).map((one) => one.char).join(""));
      result += set?.source ?? "\\[";
      i += (set?.length ?? 1) - 1;
    } else result += escape(char);
  }
  return result;
}

function escape(char: string): string {
  return /[\w\s]/.test(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: " \\t\\n\\r\\f\\v",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "0-9A-Fa-f",
  cntrl: "\\x00-\\x1f\\x7f",
  print: " -~",
  graph: "!-~",
};

function bracket(text: string): { readonly source: string; readonly length: number } | undefined {
  const match = /^\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]/.exec(text);
  if (match === null) return undefined;
  const body = (match[2] ?? "").replaceAll(
    /\[:(\w+):\]|[\]\\^[]/g,
    (found, name?: string) => name === undefined ? `\\${found}` : CLASSES[name] ?? "",
  );
  return { source: `[${match[1] === "" ? "" : "^"}${body}]`, length: match[0].length };
}

/** A pattern as `case` and `${x#…}` use it. */
export function patternOf(pieces: readonly Piece[]): RegExp {
  return new RegExp(`^(?:${source(pieces, "[^]")})$`);
}

/** True if a field can match file names. */
export function isGlob(pieces: readonly Piece[]): boolean {
  return pieces.some((piece) => !piece.quoted && /[*?[]/.test(piece.text));
}

/** The file names that a field matches, sorted; empty when there are none. */
export function glob(tree: FileTree, cwd: string, pieces: readonly Piece[]): string[] {
  const segments = splitAtSlashes(pieces);
  const absolute = join(pieces).startsWith("/");
  let found = [absolute ? "/" : ""];
  for (const segment of segments) {
    if (segment.length === 0 || join(segment) === "") continue;
    found = found.flatMap((base) => matchesIn(tree, cwd, base, segment));
  }
  return found.sort();
}

function matchesIn(tree: FileTree, cwd: string, base: string, segment: readonly Piece[]): string[] {
  const under = (name: string) =>
    base === "" || base.endsWith("/") ? base + name : `${base}/${name}`;
  const at = base.startsWith("/") ? base : `${cwd}/${base}`;
  if (!isGlob(segment)) {
    const path = under(join(segment));
    return tree.find(path.startsWith("/") ? path : `${cwd}/${path}`, false) ? [path] : [];
  }
  const dir = tree.find(at);
  if (dir?.kind !== "dir") return [];
  const hidden = join(segment).startsWith(".");
  const pattern = new RegExp(`^${source(segment, "[^/]")}$`);
  return [...entriesOf(dir).keys()]
    .filter((name) => (hidden || !name.startsWith(".")) && pattern.test(name))
    .map(under);
}

function splitAtSlashes(pieces: readonly Piece[]): Piece[][] {
  const segments: Piece[][] = [[]];
  for (const piece of pieces) {
    piece.text.split("/").forEach((text, index) => {
      if (index > 0) segments.push([]);
      segments.at(-1)?.push({ ...piece, text });
    });
  }
  return segments;
}
