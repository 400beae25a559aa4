/**
 * `deno task test [deno test arguments]`: all tests, the documentation's
 * examples, and those system tests whose real parts are on this machine. Ends with, in CI,
 * the line coverage of lib, and `N passed, N failed`. A part that PXRUN_REQUIRE
 * names must be there. The tests get an empty home directory, and of the environment only what
 * says where programs and packages are.
 */
import { join } from "node:path";
import { aloneEnv } from "../tests/support/alone.ts";
import { lineCoverage } from "./coverage.ts";
import { isSimulatorUsed } from "./sim_used.ts";
import {
  missingParts,
  ownRoot,
  type Part,
  parts,
  searchPath,
  skipLine,
  thisRunner,
} from "./parts.ts";

const root = join(import.meta.dirname ?? ".", "..");
const required = (Deno.env.get("PXRUN_REQUIRE") ?? "").split(",").filter((name) => name !== "");
const minimum = 90;
/** To measure coverage doubles the time of the tests: CI does it. */
const measures = Deno.env.has("CI");

/** Tests that run again what others run, by other ways: to measure coverage doubles their time. */
const AGAIN =
  /^(faults|links|distribution|cli\/(batch_faults|redaction)_test\.ts|login\/(ssh_alone|ticket)_test\.ts)$/;

/** Paths of the tests: everywhere but in the system lanes whose parts are missing. */
interface Places {
  /** Unit tests, whose coverage of lib counts. */
  readonly units: readonly string[];
  /** Those whose coverage of the simulator's Unix counts, too. */
  readonly measured: readonly string[];
  readonly others: readonly string[];
  /** Those that need a root, which can be one of a user namespace. */
  readonly asOwnRoot: readonly string[];
}

async function places(missing: readonly Part[]): Promise<Places> {
  const others: string[] = [];
  const asOwnRoot: string[] = [];
  const measured: string[] = [];
  // These come first: they last longest, and mostly wait.
  for (const { name, root } of parts.toReversed()) {
    if (missing.some((part) => part.name === name)) continue;
    const own = root === "own" && !thisRunner.root;
    (own ? asOwnRoot : others).push(join("tests/system", name));
  }
  const choose = (path: string): void =>
    void (AGAIN.test(path) ? others : measured).push(join("tests", path));
  for await (const { name: room, isDirectory } of Deno.readDir(join(root, "tests"))) {
    if (!isDirectory || room === "system") continue;
    if (AGAIN.test(room)) choose(room);
    else {
      for await (const { name } of Deno.readDir(join(root, "tests", room))) {
        if (name.endsWith("_test.ts")) choose(`${room}/${name}`);
      }
    }
  }
  return { units: ["lib", "sim"], measured, others, asOwnRoot };
}

/** The sources that have examples in their documentation. */
async function documented(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, directory))) {
    const path = join(directory, name);
    if (isDirectory) found.push(...await documented(path));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) {
      if ((await Deno.readTextFile(join(root, path))).includes("* ```ts")) found.push(path);
    }
  }
  return found;
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** Fetches all packages beforehand: the tests have no proxies to fetch them through. */
async function fetchPackages(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--frozen"],
    cwd: root,
    stdin: "null",
  }).output();
  // Those that the tests need may be there anyway.
  if (!success) console.log(`not all packages are fetched: ${new TextDecoder().decode(stderr)}`);
}

/** The environment of the tests. */
function environment(home: string): Record<string, string> {
  const own = Deno.env.toObject();
  const names = ["CI", "FORCE_COLOR", "NO_COLOR", "TERM"];
  const kept = Object.entries(own).filter(([name]) => names.includes(name));
  return aloneEnv({
    ...Object.fromEntries(kept),
    PATH: searchPath(own["PATH"]),
    HOME: home,
    // Where the lab keeps the templates that it makes.
    XDG_CACHE_HOME: own["XDG_CACHE_HOME"] ?? join(own["HOME"] ?? home, ".cache"),
    // One more than there are processors, since tests also wait.
    DENO_JOBS: String(navigator.hardwareConcurrency + 1),
  });
}

/** Runs `deno test`, shows what it prints, and returns its last count. */
async function run(args: readonly string[], asOwnRoot = false): Promise<Count> {
  const [program, ...words] = [...asOwnRoot ? ownRoot : [], Deno.execPath()];
  const child = new Deno.Command(program ?? "", {
    args: [...words, "test", "-A", "--parallel", ...args],
    cwd: root,
    clearEnv: true,
    env: environment(home),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-4_000);
  }
  const { success } = await child.status;
  // deno-lint-ignore no-control-regex -- the count may be coloured
  const plain = tail.replace(/\x1b\[[0-9;]*m/g, "");
  const count = [...plain.matchAll(/(\d+) passed.*?\| (\d+) failed/g)].at(-1);
  const passed = Number(count?.[1] ?? 0);
  const failed = Number(count?.[2] ?? 0);
  return { passed, failed: success ? failed : Math.max(1, failed) };
}

const missing = await missingParts();
if (missing.length > 0) console.log(skipLine(missing));
const known = new Set(parts.map(({ name }) => name));
const wanting = [
  ...missing.filter(({ name }) => required.includes(name)).map(({ name }) => name),
  ...required.filter((name) => !known.has(name)),
];
for (const name of wanting) console.log(`required, but not there: ${name}`);

const chosen = Deno.args.some((arg) => !arg.startsWith("-"));
const directory = await Deno.makeTempDir({ prefix: "pxrun-coverage-" });
const profiles = { units: join(directory, "units"), measured: join(directory, "measured") };
const home = await Deno.makeTempDir({ prefix: "pxrun-home-" });
try {
  await fetchPackages();
  const counts: Count[] = [];
  if (chosen) counts.push(await run(Deno.args));
  else {
    const { units, measured, others, asOwnRoot } = await places(missing);
    counts.push(await run([...Deno.args, ...others]));
    if (asOwnRoot.length > 0) counts.push(await run([...Deno.args, ...asOwnRoot], true));
    if (!measures) counts.push(await run([...Deno.args, ...units, ...measured]));
    else {
      const raw = ["--coverage-raw-data-only", ...Deno.args];
      counts.push(await run([`--coverage=${profiles.units}`, ...raw, ...units]));
      counts.push(await run([`--coverage=${profiles.measured}`, ...raw, ...measured]));
    }
    // Not checked: an example gets an import of all that its module exports, used or not.
    const examples = ["--doc", "--no-check", "mod.ts", ...await documented("lib")];
    counts.push(await run([...examples, ...Deno.args]));
  }
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  let failed = counts.reduce((sum, count) => sum + count.failed, wanting.length);
  if (!chosen && measures) {
    const percent = await lineCoverage(Object.values(profiles), root, "lib/");
    console.log(`line coverage of lib: ${percent.toFixed(1)} % (at least ${minimum} %)`);
    if (percent < minimum) failed++;
    if (!await isSimulatorUsed([profiles.measured])) failed++;
  }
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exitCode = failed === 0 ? 0 : 1;
} finally {
  await Promise.all([directory, home].map((path) => Deno.remove(path, { recursive: true })));
}
