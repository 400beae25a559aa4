import { quote } from "../core/argv.ts";

/**
 * Makes one script of many checks. Each runs in a subshell of its own, so it may exit,
 * change directory or hold a syntax error without effect on the others; what it prints goes to
 * standard error. Standard output has one line a check: `marker index status`.
 *
 * @param marker A word that no check prints.
 */
export function checkScript(checks: readonly string[], marker: string): string {
  const calls = checks.map((check, index) => `check ${index} ${quote(check)}`);
  return `check() {
( eval "$2" ) </dev/null >&2
printf '%s %s %s\\n' ${quote(marker)} "$1" "$?"
}
${calls.join("\n")}
`;
}

/**
 * Reads the exit statuses back, in the order of the checks; undefined for one
 * that was not reached.
 */
export function parseChecks(
  output: string,
  marker: string,
  count: number,
): (number | undefined)[] {
  const statuses = new Array<number | undefined>(count).fill(undefined);
  for (const line of output.split("\n")) {
    const [word, index, status, ...more] = line.split(" ");
    if (word !== marker || more.length > 0) continue;
    if (/^\d+$/.test(index ?? "") && /^\d+$/.test(status ?? "") && Number(index) < count) {
      statuses[Number(index)] = Number(status);
    }
  }
  return statuses;
}
