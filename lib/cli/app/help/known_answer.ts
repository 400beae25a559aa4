import type { Terminal } from "../../../core/platform.ts";
import { helpText, helpWidth } from "./help.ts";
import { ROOT_HELP } from "./root_help.ts";
import { VERSION } from "../version.ts";

/**
 * What `--help` and `--version` print, without the command tree that would say the same: the
 * library behind that takes three times as long to load as an empty script to run.
 *
 * @param args What stands behind the program's name.
 * @returns Nothing when the command tree has to be asked.
 */
export function knownAnswer(
  args: readonly string[],
  { stdoutIsTerminal, columns }: Pick<Terminal, "stdoutIsTerminal" | "columns">,
): string | undefined {
  const [first, ...others] = args;
  if (first === undefined || others.length > 0) return undefined;
  if (first === "--version" || first === "-V") return `${VERSION}\n`;
  if (first === "--help" || first === "-h") {
    return helpText(ROOT_HELP, helpWidth(stdoutIsTerminal, columns()));
  }
  return undefined;
}
