/** Lines found and hit of the files below `directory` in an LCOV report. */
export function countLines(lcov: string, directory: string): { found: number; hit: number } {
  let found = 0;
  let hit = 0;
  for (const record of lcov.split("end_of_record")) {
    const file = /^SF:(.*)$/m.exec(record)?.[1] ?? "";
    if (!file.startsWith(directory) || file.endsWith("_test.ts")) continue;
    found += Number(/^LF:(\d+)$/m.exec(record)?.[1] ?? 0);
    hit += Number(/^LH:(\d+)$/m.exec(record)?.[1] ?? 0);
  }
  return { found, hit };
}

/**
 * The line coverage of a directory in percent.
 *
 * @param profiles Directories that `deno test --coverage` wrote into.
 * @param part What counts, from the root: `lib/`.
 */
export async function lineCoverage(
  profiles: readonly string[],
  root: string,
  part: string,
): Promise<number> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", "--lcov", ...profiles],
    cwd: root,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`deno coverage failed: ${new TextDecoder().decode(stderr)}`);
  const { found, hit } = countLines(new TextDecoder().decode(stdout), `${root}/${part}`);
  return found === 0 ? 0 : 100 * hit / found;
}
