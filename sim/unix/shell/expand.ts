import { evaluate } from "./arithmetic.ts";
import type { PartOf, WordNode, WordPart } from "./ast.ts";
import { glob, isGlob, join, type Piece } from "./pattern.ts";
import { expandParameter, type Fields } from "./parameter.ts";
import type { Shell } from "./shell.ts";
import { ShellError } from "./state.ts";

/** How the text of a word is taken. */
export interface Mode {
  /** Inside double quotes or a here-document. */
  readonly quoted: boolean;
  /** Inside `${x:-…}`: there even literal text is split. */
  readonly split: boolean;
}

const PLAIN: Mode = { quoted: false, split: false };

/** Words as a command gets them: expanded, split at IFS, file names matched. */
export async function expandFields(shell: Shell, words: readonly WordNode[]): Promise<string[]> {
  const result: string[] = [];
  for (const word of words.flatMap((word) => expandBraces(shell, word))) {
    const fields = newFields();
    await expandParts(shell, word.parts, PLAIN, fields);
    for (const field of fields.all.flatMap((field) => splitField(shell, field))) {
      result.push(...namesOf(shell, field));
    }
  }
  return result;
}

function namesOf(shell: Shell, field: readonly Piece[]): string[] {
  if (shell.state.options.has("noglob") || !isGlob(field)) return [join(field)];
  const names = glob(shell.system.tree, shell.process.cwd, field);
  return names.length > 0 ? names : [join(field)];
}

/** A word as one text: no splitting, no file names. */
export async function expandText(shell: Shell, word: WordNode): Promise<string> {
  return join(await expandPattern(shell, word));
}

/** A word as a pattern: what was quoted in it stands for itself. */
export async function expandPattern(shell: Shell, word: WordNode): Promise<Piece[]> {
  const fields = newFields();
  await expandParts(shell, word.parts, PLAIN, fields);
  const space: Piece = { text: " ", quoted: true, split: false };
  return fields.all.flatMap((field, index) => index === 0 ? field : [space, ...field]);
}

/** The body of a here-document; `<<-` drops the tabs that its lines begin with. */
export async function expandHereDoc(
  shell: Shell,
  content: WordNode,
  stripTabs: boolean,
): Promise<string> {
  const fields = newFields();
  const parts = content.parts.map((part, index) => {
    if (part.type !== "Literal" || !stripTabs) return part;
    const value = part.value.replaceAll(/\n\t+/g, "\n");
    return { ...part, value: index === 0 ? value.replace(/^\t+/, "") : value };
  });
  await expandParts(shell, parts, { quoted: true, split: false }, fields);
  return fields.all.map(join).join(" ");
}

function newFields(): Fields {
  return { all: [[]] };
}

/** Expands the parts of a word; only `"$@"` makes more than one field here. */
export async function expandParts(
  shell: Shell,
  parts: readonly WordPart[],
  mode: Mode,
  into: Fields,
): Promise<void> {
  for (const part of parts) await expandPart(shell, part, mode, into);
}

async function expandPart(shell: Shell, part: WordPart, mode: Mode, into: Fields): Promise<void> {
  const { quoted } = mode;
  const add = (text: string, piece: Partial<Piece> = {}) =>
    into.all.at(-1)?.push({ text, quoted, split: !quoted && mode.split, ...piece });
  const found = (text: string) => add(text, { split: !quoted });
  switch (part.type) {
    case "Literal":
      return void add(part.value);
    case "Glob":
      return void add(part.pattern);
    case "SingleQuoted":
    case "Escaped":
      return void add(part.value, { quoted: true, split: false });
    case "DoubleQuoted":
      if (part.parts.length === 0) add("", { quoted: true, split: false });
      return await expandParts(shell, part.parts, { quoted: true, split: false }, into);
    case "TildeExpansion":
      return void add(home(shell, part), { quoted: true, split: false });
    case "ParameterExpansion":
      return await expandParameter(shell, part, mode, into);
    case "CommandSubstitution": {
      const { text, status } = await shell.capture(part.body);
      shell.state.status = status;
      return void found(text.replaceAll("\0", "").replace(/\n+$/, ""));
    }
    case "ArithmeticExpansion":
      return void found(String(await evaluate(shell, part.expression.expression)));
    case "BraceExpansion":
      return void add(braceText(part));
    case "ProcessSubstitution":
      throw new ShellError("process substitution is not part of the simulated shell");
  }
}

function home(shell: Shell, part: PartOf<"TildeExpansion">): string {
  if (part.user === null) return shell.state.get("HOME") ?? "~";
  const passwd = shell.system.tree.find("/etc/passwd");
  const text = passwd?.kind === "file" ? new TextDecoder().decode(passwd.data) : "";
  const line = text.split("\n").find((line) => line.startsWith(`${part.user}:`));
  return line?.split(":")[5] ?? `~${part.user}`;
}

/** IFS splitting of the pieces that came from expansions. */
function splitField(shell: Shell, field: readonly Piece[]): Piece[][] {
  const ifs = shell.state.get("IFS") ?? " \t\n";
  const fields: Piece[][] = [];
  let current: Piece[] | undefined;
  for (const piece of field) {
    if (!piece.split) {
      (current ??= []).push(piece);
      continue;
    }
    let text = "";
    const flush = () => {
      if (text !== "") (current ??= []).push({ ...piece, text });
      text = "";
    };
    for (const char of piece.text) {
      if (!ifs.includes(char)) {
        text += char;
        continue;
      }
      flush();
      const blank = /[ \t\n]/.test(char);
      if (current !== undefined) fields.push(current);
      else if (!blank) fields.push([]);
      current = undefined;
    }
    flush();
  }
  if (current !== undefined) fields.push(current);
  return fields;
}

/** bash makes several words of `a{1,2}`; POSIX shells do not. */
function expandBraces(shell: Shell, word: WordNode): WordNode[] {
  const at = word.parts.findIndex((part) => part.type === "BraceExpansion");
  const part = word.parts[at];
  if (shell.state.flavor !== "bash" || part?.type !== "BraceExpansion") return [word];
  return part.items.flatMap((item) =>
    braceItem(item).flatMap((parts) =>
      expandBraces(shell, {
        ...word,
        parts: [...word.parts.slice(0, at), ...parts, ...word.parts.slice(at + 1)],
      })
    )
  );
}

function braceItem(item: PartOf<"BraceExpansion">["items"][number]): WordPart[][] {
  if (item.type === "Word") return [item.word.parts];
  const { start, end } = item;
  const numeric = typeof start === "number" && typeof end === "number";
  const from = numeric ? start : String(start).charCodeAt(0);
  const to = numeric ? end : String(end).charCodeAt(0);
  const step = Math.abs(item.step ?? 1) * (from <= to ? 1 : -1);
  const values: string[] = [];
  for (let i = from; step > 0 ? i <= to : i >= to; i += step) {
    values.push(numeric ? String(i) : String.fromCharCode(i));
  }
  return values.map((value) => [{ type: "Literal", value }]);
}

function braceText(part: PartOf<"BraceExpansion">): string {
  const items = part.items.map((item) => {
    if (item.type === "Range") return `${item.start}..${item.end}`;
    return item.word.parts.map((inner) =>
      inner.type === "BraceExpansion"
        ? braceText(inner)
        : "value" in inner
        ? inner.value
        : inner.type === "Glob"
        ? inner.pattern
        : ""
    ).join("");
  });
  return `{${items.join(",")}}`;
}
