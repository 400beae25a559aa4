/**
 * `deno task compile [--target TRIPLE…|all]`: standalone binaries in dist/, made of the bundle, with their
 * sums in SHA256SUMS; without `--target` the one of this machine. `deno compile` puts Deno's base
 * binary in front of the program; where that cannot be had, this says from where it may come.
 */
import { join, relative } from "node:path";
import deno from "../deno.json" with { type: "json" };
import { bundle } from "./bundle.ts";
import { LAUNCHER_FLAGS } from "./launcher.ts";
import { ALWAYS } from "./release/archive.ts";
import { targets } from "./release/stand_in.ts";
import { sumsOf, sumsText } from "./release/sums.ts";
import { binaryOf } from "./smoke.ts";

const root = join(import.meta.dirname ?? ".", "..");

/**
 * Flags that are baked in. The permissions are those of the launcher, and to start any program: it cannot
 * be known beforehand which command the simulator is to start.
 */
const FLAGS: readonly string[] = [
  ...LAUNCHER_FLAGS,
  "--allow-run",
  "--no-prompt",
  "--no-config",
  // It would be written to a name in the shared temporary directory that anyone can guess, and has
  // nothing of the parts that are loaded on demand.
  "--no-code-cache",
];

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  readonly targets: readonly string[];
  /** The files of the bundle, the one to run first. */
  readonly bundled: readonly string[];
  /** The directory of the binaries and of SHA256SUMS. */
  readonly into: string;
  /** More of the environment of `deno compile`. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Compiles a binary for each target.
 *
 * @returns The binaries.
 * @throws If a base binary cannot be had; it says what to do.
 */
export async function compile(options: CompileOptions): Promise<string[]> {
  const { bundled: [main = "", ...parts], into } = options;
  // The binary has the times of its files, too: with these it is the same bytes whenever it is made.
  for (const file of options.bundled) await Deno.utime(file, ALWAYS, ALWAYS);
  const made: string[] = [];
  for (const target of options.targets) {
    const path = join(into, binaryOf(deno.version, target));
    const { DENORT_BIN, ...env } = { ...Deno.env.toObject(), ...options.env };
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["compile", ...FLAGS, "--target", target, "--output", path],
        ...parts.flatMap((file) => ["--include", file]),
        main,
      ],
      clearEnv: true,
      // Deno takes that for every target.
      env: DENORT_BIN && target === Deno.build.target ? { ...env, DENORT_BIN } : env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(await explained(new TextDecoder().decode(stderr), target, env));
    made.push(path);
  }
  await Deno.writeTextFile(join(into, "SHA256SUMS"), sumsText(await sumsOf(made)));
  return made;
}

/** Words of Deno when it fails, with where else its base binary may come from. */
async function explained(
  said: string,
  target: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const failure = `${said.trim()}\ncould not compile ${binaryOf(deno.version, target)}`;
  const address = /https?:\/\/\S+denort-\S+/.exec(said)?.[0]?.replace(/[)'".,]+$/, "");
  if (address === undefined) return failure;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    clearEnv: true,
    env,
    stdin: "null",
  }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const zip = join(denoDir, `dl/release/v${Deno.version.deno}/denort-${target}.zip`);
  const own = target === Deno.build.target
    ? ", or set DENORT_BIN to the path of the program that is in it"
    : "";
  return `${failure}: deno compile could not fetch its base binary from ${address}; ` +
    `run this where that address is reachable, or put that file at ${zip}${own}`;
}

/** The targets that the command line names; undefined if it is not understood. */
export function namedTargets(args: readonly string[]): readonly string[] | undefined {
  if (args.length === 0) return [Deno.build.target];
  // `--target A B` names two, as `--target A --target B` does.
  const words = args.flatMap((arg) => arg.replace(/^--target=?/, "").split(/[ ,]/)).filter(Boolean);
  if (!args[0]?.startsWith("--target") || words.length === 0) return undefined;
  const named = words.flatMap((word) => word === "all" ? targets : word);
  return named.every((target) => targets.includes(target)) ? [...new Set(named)] : undefined;
}

if (import.meta.main) {
  const named = namedTargets(Deno.args);
  if (named === undefined) {
    console.error(`usage: deno task compile [--target TRIPLE…|all]\ntriples: ${targets.join(" ")}`);
    Deno.exit(2);
  }
  const into = join(root, "dist");
  try {
    for (const path of await compile({ targets: named, bundled: await bundle(into), into })) {
      const { size } = await Deno.stat(path);
      console.log(`${relative(root, path)}: ${(size / 2 ** 20).toFixed(1)} MiB`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}
