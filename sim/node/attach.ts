import { fromByteString } from "../unix/os/bytes.ts";
import type { OpenFile } from "../unix/os/open_file.ts";
import type { Process } from "../unix/os/process.ts";
import { withReturns } from "../ssh/terminal.ts";
import type { Ct } from "../cluster/state/cluster.ts";

/**
 * Runs a program inside a running container with the streams of a process on
 * the node. When that process is killed, the program goes on.
 */
export async function attach(
  process: Process,
  ct: Ct,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const guest = ct.guest;
  if (guest === undefined) throw new TypeError(`container ${ct.vmid} has no system inside`);
  const [stdin, stdout, stderr] = [0, 1, 2].map((fd) => process.fd(fd).hold());
  if (stdin === undefined || stdout === undefined || stderr === undefined) return 255;
  const held = [stdin, stdout, stderr];
  // The container has a terminal of its own, whose returns do not spare those of the node's.
  const shown = (chunk: Uint8Array) => stdin.terminal ? withReturns(chunk) : chunk;
  return await process.wait(guest.exec(argv.map(fromByteString), {
    stdin: chunksOf(stdin),
    stdout: (chunk) => stdout.write(shown(chunk)),
    stderr: (chunk) => stderr.write(shown(chunk)),
    env,
    terminal: stdin.terminal,
    closed: () => held.forEach((file) => file.release()),
  }));
}

async function* chunksOf(file: OpenFile): AsyncGenerator<Uint8Array> {
  for (let chunk; (chunk = await file.read(65536)) !== undefined;) yield chunk;
}

/** Runs a program inside a container for the node's own purpose, without streams. */
export async function runQuietly(ct: Ct, argv: readonly string[]): Promise<number> {
  const nothing = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(END) }) };
  return await ct.guest?.exec(argv, { stdin: nothing, stdout: () => {}, stderr: () => {} }) ?? 255;
}

const END = { done: true, value: undefined } as const;
