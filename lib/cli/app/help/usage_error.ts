import type { CommanderError, CommandUnknownOpts } from "../../../../deps/commander.ts";
import { commandLine } from "../../../core/argv.ts";
import { PxrunError } from "../../../core/errors.ts";
import { nearest } from "../../../core/nearest.ts";
import { needlessOptions, otherOptions, otherWords } from "./other_words.ts";
import { copyLine, operandsOf, type Typed, typed, withDashes } from "./typed.ts";

/**
 * A refusal of commander as an error whose hint is the line that was probably meant.
 *
 * @param args The words behind the program's name.
 */
export function usageError(
  error: CommanderError,
  root: CommandUnknownOpts,
  args: readonly string[],
): PxrunError {
  const line = typed(root, args);
  const [, quoted = ""] = /'([^']*)'/.exec(error.message) ?? [];
  if (error.code === "commander.unknownCommand") return unknownWord(quoted, line);
  const message = error.message.replace(/^error: /, "");
  return new PxrunError("USAGE", message, { hint: hintFor(error.code, quoted, line) });
}

function hintFor(code: string, quoted: string, line: Typed): string {
  const { command, path } = line;
  const help = `${path.join(" ")} --help explains it`;
  if (code === "commander.unknownOption") return unknownOption(quoted, line) ?? help;
  if (command.name() === "push" || command.name() === "pull") {
    const meant = copyLine(operandsOf(line));
    if (meant !== undefined) return meant;
  }
  return help;
}

function unknownWord(word: string, line: Typed): PxrunError {
  const { command, path, rest } = line;
  const [, ...operands] = operandsOf(line);
  const usage = (message: string, hint: string) => new PxrunError("USAGE", message, { hint });
  const scope = command.name() === "help" ? command.parent ?? command : command;
  const other = scope.parent === null ? otherWords.get(word) : undefined;
  if (other !== undefined && "later" in other) {
    const message = `pxrun ${other.later} is not available in this version`;
    return usage(message, withOperand(other.now, operands[0]));
  }
  const outer = path.slice(1).filter((name) => name !== "help");
  const message = `there is no command ${[...outer, word].join(" ")}`;
  if (other?.same === "cp") {
    const both = "pxrun push CT PATH TARGET, or pxrun pull CT PATH TARGET";
    return usage(message, copyLine(operands) ?? both);
  }
  const words = scope.commands.flatMap((one) => [one.name(), ...one.aliases()]);
  const meant = other?.same ?? nearest(word, words);
  if (meant === undefined) {
    return usage(message, `${["pxrun", ...outer].join(" ")} --help lists the commands`);
  }
  const at = rest.indexOf(word);
  const behind = meant === "--version" ? [] : rest.slice(at + 1);
  const right = commandLine([...path, ...rest.slice(0, at), meant, ...behind]);
  return usage(message, `did you mean: ${right}`);
}

function unknownOption(flag: string, line: Typed): string | undefined {
  const { command, path, rest } = line;
  const name = command.name();
  const dashes = withDashes(line);
  if (name === "exec" && dashes !== undefined && isBehindContainer(flag, line)) {
    return `put -- before the command: ${dashes}`;
  }
  const options = ancestry(command).flatMap((one) => one.options);
  const longs = options.flatMap(({ long }) => long ?? []);
  const [given = ""] = flag.split("=");
  const needless = (isFor: (commands: readonly string[]) => boolean): string | undefined => {
    const found = needlessOptions.find(([flags, all]) => flags.includes(given) && isFor(all));
    return found && withOperand(found[2], operandsOf(line)[0]);
  };
  const own = needless((commands) => commands.includes(name));
  if (own !== undefined) return own;
  const other = otherOptions.get(given);
  const exists = other !== undefined && longs.includes(other.split(" ")[0] ?? "");
  const close = given.startsWith("--") ? nearest(given, [...longs, "--help"]) : undefined;
  const same = exists ? other : close;
  if (same === undefined) return needless((commands) => commands.length === 0);
  const words = rest.flatMap((word) => {
    if (word === given) return same.split(" ");
    return word.startsWith(`${given}=`) ? same + word.slice(given.length) : word;
  });
  return `did you mean ${same}? ${commandLine([...path, ...words])}`;
}

/** A hint with the container or the recipe that was typed in it. */
function withOperand(hint: string, operand: string | undefined): string {
  if (operand === undefined) return hint;
  return hint.replaceAll(/\b(CT|RECIPE)\b/g, (placeholder) => {
    const isRecipe = /\.ya?ml$|^-$/.test(operand);
    if (isRecipe !== (placeholder === "RECIPE")) return placeholder;
    return commandLine([operand.replace(/^\w+@/, "")]);
  });
}

function isBehindContainer(flag: string, line: Typed): boolean {
  const [container] = operandsOf(line);
  const at = line.rest.indexOf(container ?? "");
  return at >= 0 &&
    line.rest.slice(at).some((word) =>
      word === flag || word.startsWith(`${flag}=`) || flag.startsWith(word)
    );
}

function ancestry(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return command.parent === null ? [command] : [command, ...ancestry(command.parent)];
}
