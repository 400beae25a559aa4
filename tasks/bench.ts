/**
 * `deno task bench`: how long pxrun takes to start, as ratios to an empty script
 * in the same run, so that a slow or busy machine does not matter. Exits 1 when a
 * budget is missed.
 */

/** How often each command is timed. */
const RUNS = 15;

interface Row {
  readonly name: string;
  readonly args: readonly string[];
  /** At most so many times an empty script. */
  readonly budget: number;
}

const rows: readonly Row[] = [
  { name: "pxrun --help", args: ["main.ts", "--help"], budget: 5 },
  { name: "pxrun --version", args: ["main.ts", "--version"], budget: 5 },
  { name: "pxrun validate", args: ["main.ts", "validate", "examples/web.yaml"], budget: 8 },
];

async function time(args: readonly string[]): Promise<number> {
  const begun = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", ...args],
    cwd: new URL("..", import.meta.url),
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const empty = await Deno.makeTempFile({ suffix: ".ts" });
try {
  const commands = [[empty], ...rows.map(({ args }) => args)];
  const times: number[][] = commands.map(() => []);
  // In turn, so that a change of the machine's speed meets all of them.
  for (let run = 0; run <= RUNS; run++) {
    for (const [i, args] of commands.entries()) {
      const ms = await time(args);
      if (run > 0) times[i]?.push(ms);
    }
  }
  const base = median(times[0] ?? []);
  console.log(`medians of ${RUNS}; an empty script takes ${base.toFixed(0)} ms`);
  console.log("WHAT              MS   RATIO  BUDGET");
  for (const [i, { name, budget }] of rows.entries()) {
    const ms = median(times[i + 1] ?? []);
    const ratio = ms / base;
    const verdict = ratio <= budget ? "ok" : "missed";
    if (verdict === "missed") Deno.exitCode = 1;
    console.log(
      `${name.padEnd(15)} ${ms.toFixed(0).padStart(4)}  ${ratio.toFixed(1).padStart(5)}×  ` +
        `≤ ${budget} ×  ${verdict}`,
    );
  }
} finally {
  await Deno.remove(empty);
}
