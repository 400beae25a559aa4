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

/**
 * The median time of each, after one run that does not count. They are run in turn, so
 * that what else the machine does meets all of them alike.
 */
export async function medians(
  times: number,
  runs: readonly (() => Promise<unknown>)[],
): Promise<number[]> {
  const taken: number[][] = runs.map(() => []);
  for (let turn = 0; turn <= times; turn++) {
    for (const [i, run] of runs.entries()) {
      const ms = await time(run);
      if (turn > 0) taken[i]?.push(ms);
    }
  }
  return taken.map(median);
}
