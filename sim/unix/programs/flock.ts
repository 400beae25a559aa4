import { Errno } from "../os/errno.ts";
import type { Program } from "../os/system.ts";
import { become } from "./become.ts";
import { fail, readOptions } from "./options.ts";

/** Who holds the lock on which file, and when it is free again. */
const held = new WeakMap<object, Promise<unknown>>();

/** `flock FILE command…`: one at a time. A lock on a descriptor is taken at once. */
export const flock: Program = async (process) => {
  const { operands: [path = "", ...command], has, value } = readOptions(process.argv.slice(1), {
    flags: "nsxuo",
    valued: "wE",
    long: "nonblock shared exclusive unlock",
    longValued: "timeout conflict-exit-code",
    stop: true,
  });
  if (/^\d+$/.test(path) && command.length === 0) return 0;
  let node;
  try {
    node = process.system.tree.create(process.path(path), { who: process.who });
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return await fail(process, `cannot open lock file ${path}: ${error.message}`, 66);
  }
  if (held.has(node) && has("n", "nonblock")) return Number(value("E", "conflict-exit-code") ?? 1);
  while (held.has(node)) await process.wait(held.get(node) ?? Promise.resolve());
  const done = Promise.withResolvers<void>();
  held.set(node, done.promise);
  try {
    return await become(process, command[0] === "-c" ? ["sh", ...command] : command);
  } finally {
    held.delete(node);
    done.resolve();
  }
};
