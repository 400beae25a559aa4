import { join } from "node:path";
import { compile } from "../compile.ts";
import { standInDenoDir, targets } from "./stand_in.ts";

/** The binaries of a release. */
export interface Binaries {
  readonly paths: readonly string[];
  /** Why they are stand-ins, which do not run pxrun; undefined for real ones. */
  readonly standIn: string | undefined;
}

/**
 * Compiles the binaries of all targets. Where Deno's base binary cannot be had, stand-ins are made in
 * the directory `stand-in`.
 *
 * @param bundled The files of the bundle, the one to run first.
 * @param dist The directory for the binaries.
 */
export async function compileBinaries(
  bundled: readonly string[],
  dist: string,
): Promise<Binaries> {
  try {
    return { paths: await compile({ targets, bundled, into: dist }), standIn: undefined };
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("base binary"))) throw error;
    const into = join(dist, "stand-in");
    await Deno.mkdir(into, { recursive: true });
    const denoDir = await Deno.makeTempDir({ prefix: "pxrun-stand-in-" });
    try {
      await standInDenoDir(denoDir);
      // A base binary of this machine's alone would make one of five real.
      const env = { DENO_DIR: denoDir, DENORT_BIN: "" };
      const paths = await compile({ targets, bundled, into, env });
      return { paths, standIn: error.message.trim().split("\n").at(-1) ?? "" };
    } finally {
      await Deno.remove(denoDir, { recursive: true });
    }
  }
}
