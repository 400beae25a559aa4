/**
 * `deno run -A tasks/mutate.ts draw SEED`: draws ten files of lib and ten small faults in each, and
 * writes them to tests/mutations.json. `… run [ID|FILE…]`: puts each fault into a copy of the
 * project, runs the tests that judge its file until the first one fails, and reports the faults that
 * no test noticed. Types are not checked: what only the compiler refuses counts as survived.
 */
import { basename, dirname, join } from "node:path";

/** One small fault: a line of a file as it is, and with the fault. */
export interface Mutation {
  readonly id: string;
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** The tests that judge it besides those in its own directory, from the root of the project. */
  readonly tests: readonly string[];
  /** Why it is another fault than the one that was drawn. */
  readonly redrawn?: string;
}

const root = join(import.meta.dirname ?? ".", "..");
const list = join(root, "tests/mutations.json");

/** A line and the fault to put into it; the first group is kept where there is one. */
const operators: readonly (readonly [from: RegExp, to: string])[] = [
  [/ === /, " !== "],
  [/ !== /, " === "],
  [/ && /, " || "],
  [/ \|\| /, " && "],
  [/ < /, " <= "],
  [/ > /, " >= "],
  [/ <= /, " < "],
  [/ >= /, " > "],
  [/ \+ 1\b/, " - 1"],
  [/ - 1\b/, " + 1"],
  [/\btrue\b/, "false"],
  [/\bfalse\b/, "true"],
  [/\bif \((?!!)(?=[^()]*\)|.*\) (?:return|throw|continue|break))/, "if (!("],
  [/^(\s*)return (?!undefined)[^;]+;$/, "$1return undefined;"],
  [/^(\s*)(?:await )?[\w.]+\([^;]*\);$/, "$1;"],
  [/^(\s*)throw [^;]+;$/, "$1;"],
  [/ \?\? [\w.]+/, ""],
  [/\.(some|every)\(/, ""],
];

/** The same numbers for the same seed, in [0, 1). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items.map((item) => [next(), item] as const).sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** The line with a fault; undefined where the operator does not fit it. */
function mutate(line: string, [from, to]: typeof operators[number]): string | undefined {
  if (!from.test(line)) return undefined;
  if (to === "if (!(") {
    // The condition ends where its own parenthesis does.
    const start = line.indexOf("if (") + 4;
    let depth = 1;
    let end = start;
    for (; end < line.length && depth > 0; end++) {
      depth += line[end] === "(" ? 1 : line[end] === ")" ? -1 : 0;
    }
    if (depth > 0) return undefined;
    return `${line.slice(0, start)}!(${line.slice(start, end - 1)})${line.slice(end - 1)}`;
  }
  if (from.source.includes("some|every")) {
    return line.replace(from, (_, name) => `.${name === "some" ? "every" : "some"}(`);
  }
  return line.replace(from, to);
}

/** Lines that are code, and stand only once in their file. */
function candidates(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""));
  const lines = code.split("\n");
  return lines.filter((line) =>
    line.trim().length > 8 &&
    !/^\s*(\/\/|import|export type|export interface|readonly|\*|type )|Promise</
      .test(line) &&
    !/["'`].*["'`]/.test(line) && lines.indexOf(line) === lines.lastIndexOf(line)
  );
}

async function draw(seed: number): Promise<Mutation[]> {
  const next = random(seed);
  const sources: [string, string][] = [];
  for (const file of await tracked()) {
    const source = await Deno.readTextFile(join(root, file));
    if (candidates(source).length >= 40) sources.push([file, source]);
  }
  const found: Mutation[] = [];
  let files = 0;
  for (const [file, source] of shuffled(sources, next)) {
    const own: Mutation[] = [];
    for (const before of shuffled(candidates(source), next)) {
      const fitting = operators.flatMap((operator) => mutate(before, operator) ?? [])
        .filter((after) => after !== before);
      const after = fitting[Math.floor(next() * fitting.length)];
      if (after === undefined || own.length === 10) continue;
      const id = `${basename(file, ".ts")}-${own.length + 1}`;
      own.push({ id, file, before, after, tests: [] });
    }
    if (own.length < 10) continue;
    found.push(...own);
    if (++files === 10) break;
  }
  return found;
}

/** The files of lib that are no tests, in a settled order. */
async function tracked(): Promise<string[]> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "lib/*.ts"],
    cwd: root,
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((file) =>
    file !== "" && !file.endsWith("_test.ts")
  ).sort();
}

/** The longest that one of the tests of a fault may take, in milliseconds. */
const LIMIT = 180_000;

/** Tests that failed, and whether they pass where there is no fault: otherwise they show nothing. */
const sound = new Map<string, boolean>();

async function run(chosen: readonly string[]): Promise<void> {
  const all: Mutation[] = JSON.parse(await Deno.readTextFile(list));
  const mutations = all.filter(({ id, file }) =>
    chosen.length === 0 || chosen.includes(id) || chosen.includes(file)
  );
  const copy = await Deno.makeTempDir();
  const count = { caught: 0, survived: 0, "not applicable": 0 };
  try {
    await new Deno.Command("cp", { args: ["-a", `${root}/.`, copy] }).output();
    for (const mutation of mutations) {
      const { result, by = "" } = await judge(mutation, copy);
      count[result]++;
      const change = `${mutation.before.trim()} → ${mutation.after.trim()}`;
      console.log([result, mutation.id, change, by].join("  ").trimEnd());
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
  console.log(
    `${count.caught} caught, ${count.survived} survived, ${count["not applicable"]} not applicable`,
  );
}

/** @returns With the test that noticed it. */
async function judge(
  mutation: Mutation,
  copy: string,
): Promise<{ result: "caught" | "survived" | "not applicable"; by?: string }> {
  const { file, before, after } = mutation;
  const path = join(copy, file);
  const source = await Deno.readTextFile(path).catch(() => "");
  const lines = source.split("\n");
  if (lines.filter((line) => line === before).length !== 1) return { result: "not applicable" };
  const faulty = lines.map((line) => line === before ? after : line).join("\n");
  // What cannot be parsed, every test would notice.
  if (!await parses(faulty)) return { result: "not applicable" };
  for (const test of await judges(mutation, copy)) {
    await Deno.writeTextFile(path, faulty);
    const outcome = await outcomeOf(test, copy);
    await Deno.writeTextFile(path, source);
    if (outcome === "passed" || sound.get(test) === false) continue;
    if (!sound.has(test)) sound.set(test, await outcomeOf(test, copy) === "passed");
    if (sound.get(test)) return { result: "caught", by: `${test} ${outcome}` };
    console.log(`fails without a fault: ${test}`);
  }
  return { result: "survived" };
}

/** The tests that judge a fault, the nearest first. */
async function judges({ file, tests }: Mutation, copy: string): Promise<readonly string[]> {
  const beside = file.replace(/\.ts$/, "_test.ts");
  const exists = await Deno.stat(join(copy, beside)).then(() => true, () => false);
  return [...(exists ? [beside] : []), join(dirname(file), "/"), ...tests];
}

async function outcomeOf(test: string, copy: string): Promise<"passed" | "failed" | "timed out"> {
  const limit = AbortSignal.timeout(LIMIT);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--fail-fast", "--quiet", "--permit-no-files", test],
    cwd: copy,
    stdout: "null",
    stderr: "null",
    signal: limit,
  }).spawn();
  const { success } = await child.status;
  return success ? "passed" : limit.aborted ? "timed out" : "failed";
}

async function parses(source: string): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "ts", "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await ReadableStream.from([new TextEncoder().encode(source)]).pipeTo(child.stdin);
  return (await child.status).success;
}

if (import.meta.main) {
  const [what, ...rest] = Deno.args;
  if (what === "draw") {
    const mutations = await draw(Number(rest[0] ?? 1));
    await Deno.writeTextFile(list, `${JSON.stringify(mutations, null, 2)}\n`);
    console.log(`${mutations.length} in ${new Set(mutations.map(({ file }) => file)).size} files`);
  } else if (what === "run") {
    await run(rest);
  } else {
    console.error("deno run -A tasks/mutate.ts draw SEED | run [ID|FILE…]");
    Deno.exit(2);
  }
}
