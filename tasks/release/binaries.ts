import { join } from "node:path";
import { binaryOf } from "../smoke.ts";
import { standInDenoDir, targets } from "./stand_in.ts";

const root = join(import.meta.dirname ?? ".", "../..");

/** The binaries of a release. */
export interface Binaries {
  readonly paths: readonly string[];
  /** Why they are stand-ins, which do not run pxrun; undefined for real ones. */
  readonly standIn: string | undefined;
}

/**
 * Compiles the binaries of all targets. Where Deno's base binary cannot be had, stand-ins are made in
 * a directory of their own.
 *
 * @param version The version of pxrun.
 * @param dist The directory that `deno task compile` writes to.
 */
export async function compileBinaries(version: string, dist: string): Promise<Binaries> {
  const names = targets.map((target) => binaryOf(version, target));
  const failure = await compile({});
  if (failure === undefined) {
    return { paths: names.map((name) => join(dist, name)), standIn: undefined };
  }
  if (!/base binary/.test(failure)) throw new Error(failure);
  const denoDir = await Deno.makeTempDir({ prefix: "pxrun-stand-in-" });
  try {
    await standInDenoDir(denoDir);
    const again = await compile({ DENO_DIR: denoDir });
    if (again !== undefined) throw new Error(again);
  } finally {
    await Deno.remove(denoDir, { recursive: true });
  }
  const directory = join(dist, "stand-in");
  await Deno.mkdir(directory, { recursive: true });
  const paths: string[] = [];
  for (const name of names) {
    await Deno.rename(join(dist, name), join(directory, name));
    paths.push(join(directory, name));
  }
  return { paths, standIn: failure.trim().split("\n").at(-1) ?? "" };
}

/** Why `deno task compile` fails; undefined when it does not. */
async function compile(env: Record<string, string>): Promise<string | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tasks/compile.ts", "--target", "all"],
    cwd: root,
    env,
    stdin: "null",
    stdout: "null",
  }).output();
  return success ? undefined : new TextDecoder().decode(stderr);
}
