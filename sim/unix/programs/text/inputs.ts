import { concat } from "../../os/bytes.ts";
import { Errno } from "../../os/errno.ts";
import type { OpenFile } from "../../os/open_file.ts";
import type { Process } from "../../os/process.ts";
import { fail } from "../options.ts";

/** Opens each operand in turn (`-` and none: standard input); an unreadable one is complained about. */
export async function eachInput(
  process: Process,
  operands: readonly string[],
  use: (file: OpenFile, name: string) => Promise<void>,
): Promise<number> {
  let status = 0;
  for (const name of operands.length > 0 ? operands : ["-"]) {
    let file: OpenFile | undefined;
    try {
      file = (name === "-" ? process.fd(0) : process.open(name, "read")).hold();
      await use(file, name);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = await fail(process, `${name}: ${error.message}`);
    } finally {
      file?.release();
    }
  }
  return status;
}

/** A file piece by piece. */
export async function* chunks(process: Process, file: OpenFile): AsyncGenerator<Uint8Array> {
  for (let chunk; (chunk = await process.wait(file.read(65536))) !== undefined;) yield chunk;
}

/** All that is left of a file. */
export async function all(process: Process, file: OpenFile): Promise<Uint8Array> {
  return concat(await Array.fromAsync(chunks(process, file)));
}
