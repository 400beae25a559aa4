import { findUser } from "../os/accounts.ts";
import { evaluate } from "./arithmetic.ts";
import type { PartOf, WordNode, WordPart } from "./ast.ts";
import { glob, isGlob, join, patternOf, type Piece } from "./pattern.ts";
import { leftOut } from "./jumps.ts";
import type { Shell } from "./shell.ts";
import { mustBeSet, valueOf } from "./values.ts";

/** The fields that a word becomes, each made of pieces. */
interface Fields {
  readonly all: Piece[][];
}

type Expansion = PartOf<"ParameterExpansion">;
type Operation = NonNullable<Expansion["operation"]>;

/** Mode of expansion of a word. */
interface Mode {
  /** Inside double quotes or a here-document. */
  readonly quoted: boolean;
  /** Inside `${x:-…}`: there even literal text is split. */
  readonly split: boolean;
}

const PLAIN: Mode = { quoted: false, split: false };

/** Words as a command gets them: expanded, split at IFS, file names matched. */
export async function expandFields(shell: Shell, words: readonly WordNode[]): Promise<string[]> {
  const result: string[] = [];
  for (const word of words) {
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
async function expandParts(
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
    default:
      throw leftOut(part.type === "BraceExpansion" ? "{..,..}" : "<(...)");
  }
}

function home(shell: Shell, part: PartOf<"TildeExpansion">): string {
  if (part.user === null) return shell.state.get("HOME") ?? "~";
  return findUser(shell.system.tree, part.user)?.home ?? `~${part.user}`;
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

/** Expands `$x` and `${x…}`. */
async function expandParameter(
  shell: Shell,
  part: Expansion,
  mode: Mode,
  into: Fields,
): Promise<void> {
  const { parameter, operation } = part;
  if (parameter.includes("[")) throw leftOut(`\${${parameter}}`);
  if (operation === null && (parameter === "@" || parameter === "*")) {
    return expandAll(shell, parameter, mode, into);
  }
  const add = (text: string) =>
    into.all.at(-1)?.push({ text, quoted: mode.quoted, split: !mode.quoted });
  const value = valueOf(shell, parameter);
  if (operation === null) {
    if (value === undefined) mustBeSet(shell, parameter);
    return void add(value ?? "");
  }
  const word = await wordInstead(shell, parameter, value, operation);
  if (word === undefined) return void add(await transformed(shell, parameter, value, operation));
  if (word.parts.length === 0) return void add("");
  await expandParts(shell, word.parts, { quoted: mode.quoted, split: !mode.quoted }, into);
}

/** `$@` and `$*`. */
function expandAll(shell: Shell, parameter: "@" | "*", mode: Mode, into: Fields): void {
  const { positional } = shell.state;
  const piece = (text: string): Piece => ({ text, quoted: mode.quoted, split: !mode.quoted });
  if (parameter === "*" && mode.quoted) {
    const separator = (shell.state.get("IFS") ?? " ").slice(0, 1);
    into.all.at(-1)?.push(piece(positional.join(separator)));
    return;
  }
  positional.forEach((text, index) => {
    if (index === 0) into.all.at(-1)?.push(piece(text));
    else into.all.push([piece(text)]);
  });
}

/** The word of `:-`, `:=`, `:+` that stands in; undefined where the value itself is used. */
async function wordInstead(
  shell: Shell,
  parameter: string,
  value: string | undefined,
  operation: Operation,
): Promise<WordNode | undefined> {
  switch (operation.type) {
    case "DefaultValue":
      return missing(value, operation.checkEmpty) ? operation.word : undefined;
    case "UseAlternative":
      return missing(value, operation.checkEmpty) ? { type: "Word", parts: [] } : operation.word;
    case "AssignDefault":
      if (missing(value, operation.checkEmpty)) {
        shell.state.set(parameter, await expandText(shell, operation.word));
      }
      return undefined;
    default:
      return undefined;
  }
}

function missing(value: string | undefined, orEmpty: boolean): boolean {
  return value === undefined || (orEmpty && value === "");
}

async function transformed(
  shell: Shell,
  parameter: string,
  before: string | undefined,
  operation: Operation,
): Promise<string> {
  const value = before ?? "";
  switch (operation.type) {
    case "DefaultValue":
    case "UseAlternative":
      return value;
    case "AssignDefault":
      return valueOf(shell, parameter) ?? "";
    case "PatternRemoval":
      if (before === undefined) mustBeSet(shell, parameter);
      return remove(value, await expandPattern(shell, operation.pattern), operation);
    default:
      throw leftOut(`this form of \${${parameter}...}, ${operation.type}`);
  }
}

function remove(
  value: string,
  pattern: readonly Piece[],
  { side, greedy }: { readonly side: "prefix" | "suffix"; readonly greedy: boolean },
): string {
  const regex = patternOf(pattern);
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  const order = greedy ? lengths.reverse() : lengths;
  for (const length of order) {
    const at = side === "prefix" ? length : value.length - length;
    const part = side === "prefix" ? value.slice(0, at) : value.slice(at);
    if (regex.test(part)) return side === "prefix" ? value.slice(at) : value.slice(0, at);
  }
  return value;
}
