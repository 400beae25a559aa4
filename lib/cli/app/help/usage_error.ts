import type { CommanderError, CommandUnknownOpts } from "../../../../deps/commander.ts";
import { commandLine } from "../../../core/argv.ts";
import { PxrunError } from "../../../core/errors.ts";
import { nearest } from "../../../core/nearest.ts";
import { needlessOptions, otherOptions, otherWords } from "./other_words.ts";
import { copyLine, operandsOf, type Typed, typed, withDashes } from "./typed.ts";

/**
 * What commander refuses, as an error that leads on: to the line that was probably meant.
 *
 * @param args What stands behind the program's name.
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
  const scope = command.name() === "help" ? command.parent ?? command : command;
  const other = scope.parent === null ? otherWords.get(word) : undefined;
  if (other !== undefined && "later" in other) {
    const [ct] = operands;
    const hint = withOperand(other.now, ct);
    return new PxrunError("USAGE", `pxrun ${other.later} is not available in this version`, {
      hint,
    });
  }
  const outer = path.slice(1).filter((name) => name !== "help");
  const message = `there is no command ${[...outer, word].join(" ")}`;
  if (other?.same === "cp") {
    const hint = copyLine(operands) ??
      "pxrun push CT PATH TARGET, or pxrun pull CT PATH TARGET";
    return new PxrunError("USAGE", message, { hint });
  }
  const words = scope.commands.flatMap((one) => [one.name(), ...one.aliases()]);
  const meant = other?.same ?? nearest(word, words);
  if (meant === undefined) {
    return new PxrunError("USAGE", message, {
      hint: `${["pxrun", ...outer].join(" ")} --help lists the commands`,
    });
  }
  const behind = rest.slice(rest.indexOf(word) + 1);
  const ahead = rest.slice(0, rest.indexOf(word));
  const hint = commandLine([...path, ...ahead, meant, ...meant === "--version" ? [] : behind]);
  return new PxrunError("USAGE", message, { hint: `did you mean: ${hint}` });
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
  const needless = (commands: (all: readonly string[]) => boolean): string | undefined => {
    const found = needlessOptions.find(([flags, all]) => flags.includes(given) && commands(all));
    return found && withOperand(found[2], operandsOf(line)[0]);
  };
  const own = needless((all) => all.includes(name));
  if (own !== undefined) return own;
  const other = otherOptions.get(given);
  const same = other !== undefined && longs.includes(other.split(" ")[0] ?? "")
    ? other
    : given.startsWith("--")
    ? nearest(given, [...longs, "--help"])
    : undefined;
  if (same !== undefined) {
    const words = rest.flatMap((word) =>
      word === given
        ? same.split(" ")
        : word.startsWith(`${given}=`)
        ? same + word.slice(given.length)
        : word
    );
    return `did you mean ${same}? ${commandLine([...path, ...words])}`;
  }
  return needless((all) => all.length === 0);
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
