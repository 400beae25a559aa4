/** The one in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Duration of something, in milliseconds. */
export async function time(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}

/** The processor time of a program with all that it starts, in milliseconds. */
export async function cpuTime(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<number> {
  // No figure of Deno's has the time of another process; bash has.
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", 'TIMEFORMAT="%3U %3S"; time "$@" 2>/dev/null', "bash", program, ...args],
    cwd,
    stdin: "null",
    stdout: "null",
  }).output();
  const [user = NaN, sys = NaN] = new TextDecoder().decode(stderr).trim().split(" ").map(Number);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} exits with ${code}`);
  return (user + sys) * 1000;
}

/**
 * The median time of each, after one run that does not count. They are run in turn, so
 * that what else the machine does meets all of them alike.
 */
export async function medians(
  times: number,
  runs: readonly (() => Promise<unknown>)[],
): Promise<number[]> {
  return await mediansOf(times, runs.map((run) => () => time(run)));
}

/** The median of each figure, as {@linkcode medians} has that of times. */
export async function mediansOf(
  times: number,
  figures: readonly (() => Promise<number>)[],
): Promise<number[]> {
  const taken: number[][] = figures.map(() => []);
  for (let turn = 0; turn <= times; turn++) {
    for (const [i, figure] of figures.entries()) {
      const value = await figure();
      if (turn > 0) taken[i]?.push(value);
    }
  }
  return taken.map(median);
}
