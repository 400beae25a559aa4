import { Errno } from "../os/errno.ts";
import type { Process } from "../os/process.ts";
import { fail } from "./options.ts";

/** Runs a command in place of this one; says why it cannot. */
export async function become(process: Process, argv: readonly string[]): Promise<number> {
  try {
    return await process.system.become(process, argv);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const status = error.code === "ENOENT" ? 127 : 126;
    return await fail(process, `${argv[0]}: ${error.message}`, status);
  }
}
