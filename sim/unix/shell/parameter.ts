import { evaluate } from "./arithmetic.ts";
import type { PartOf, WordNode } from "./ast.ts";
import { expandParts, expandPattern, expandText, type Mode } from "./expand.ts";
import { patternOf, type Piece } from "./pattern.ts";
import type { Shell } from "./shell.ts";
import { ShellError } from "./state.ts";

/** The fields that a word becomes, each made of pieces. */
export interface Fields {
  readonly all: Piece[][];
}

type Expansion = PartOf<"ParameterExpansion">;
type Operation = NonNullable<Expansion["operation"]>;

/** Expands `$x` and `${x…}`. */
export async function expandParameter(
  shell: Shell,
  part: Expansion,
  mode: Mode,
  into: Fields,
): Promise<void> {
  const { parameter, operation } = part;
  if (parameter.includes("[")) {
    throw new ShellError("arrays are not part of the simulated shell");
  }
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

/** The value of a variable or a special parameter. */
export function valueOf(shell: Shell, parameter: string): string | undefined {
  const { state, process } = shell;
  if (/^\d+$/.test(parameter)) {
    return parameter === "0" ? state.name : state.positional[Number(parameter) - 1];
  }
  switch (parameter) {
    case "@":
    case "*":
      return state.positional.length === 0 ? undefined : state.positional.join(" ");
    case "#":
      return String(state.positional.length);
    case "?":
      return String(state.status);
    case "$":
      return state.pid;
    case "!":
      return state.lastBackground || undefined;
    case "-":
      return "";
    case "LINENO":
      return String(state.line);
    case "PPID":
      return String(process.ppid);
    case "RANDOM":
      return state.flavor === "dash" ? state.get(parameter) : String(Math.random() * 32768 | 0);
    default:
      return state.get(parameter);
  }
}

function mustBeSet(shell: Shell, parameter: string): void {
  if (!shell.state.options.has("nounset") || parameter === "@" || parameter === "*") return;
  const dash = shell.state.flavor === "dash";
  throw new ShellError(
    `${parameter}: ${dash ? "parameter not set" : "unbound variable"}`,
    shell.state.flavor === "bash" ? 1 : 2,
  );
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
    case "ErrorIfUnset":
      if (missing(value, operation.checkEmpty)) {
        const text = operation.word === null ? "" : await expandText(shell, operation.word);
        throw new ShellError(`${parameter}: ${text || "parameter not set"}`);
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
    case "ErrorIfUnset":
      return value;
    case "AssignDefault":
      return valueOf(shell, parameter) ?? "";
    case "Length":
      if (before === undefined) mustBeSet(shell, parameter);
      return String(
        parameter === "@" || parameter === "*" ? shell.state.positional.length : value.length,
      );
    case "PatternRemoval":
      if (before === undefined) mustBeSet(shell, parameter);
      return remove(value, await expandPattern(shell, operation.pattern), operation);
    case "PatternReplacement": {
      const pieces = await expandPattern(shell, operation.pattern);
      const by = operation.replacement === null
        ? ""
        : await expandText(shell, operation.replacement);
      const { source } = patternOf(pieces, {
        start: operation.anchor === "start",
        end: operation.anchor === "end",
      });
      return value.replace(new RegExp(source, operation.all ? "g" : ""), () => by);
    }
    case "Substring": {
      const offset = await evaluate(shell, operation.offset.expression);
      const length = operation.length === null
        ? undefined
        : await evaluate(shell, operation.length.expression);
      const from = offset < 0 ? Math.max(0, value.length + offset) : offset;
      const to = length === undefined
        ? value.length
        : length < 0
        ? value.length + length
        : from + length;
      return value.slice(from, to);
    }
    case "CaseModification": {
      const change = (text: string) =>
        operation.direction === "upper" ? text.toUpperCase() : text.toLowerCase();
      return operation.all ? change(value) : change(value.slice(0, 1)) + value.slice(1);
    }
    case "Indirection":
      return valueOf(shell, value) ?? "";
    default:
      throw new ShellError("Bad substitution");
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
