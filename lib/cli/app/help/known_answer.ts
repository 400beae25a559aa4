import type { Terminal } from "../../../core/platform.ts";
import { helpText, helpWidth, ROOT_END } from "./help.ts";
import { ROOT_HELP } from "./root_help.ts";
import { VERSION } from "../version.ts";

/**
 * Output of `--help` and `--version`, without the command tree that would print the same: the
 * library behind that takes three times as long to load as an empty script to run.
 *
 * @param args The words behind the program's name.
 * @returns Undefined if the command tree is needed.
 */
export function knownAnswer(
  args: readonly string[],
  { stdoutIsTerminal, columns }: Pick<Terminal, "stdoutIsTerminal" | "columns">,
): string | undefined {
  const [first, ...others] = args;
  if (first === undefined || others.length > 0) return undefined;
  if (first === "--version" || first === "-V") return `${VERSION}\n`;
  if (first === "--help" || first === "-h") {
    return helpText([...ROOT_HELP, ...ROOT_END], helpWidth(stdoutIsTerminal, columns()));
  }
  return undefined;
}
