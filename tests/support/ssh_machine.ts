import { systemClock } from "../../lib/host/clock.ts";
import type { NodeSshWorld } from "../../lib/ssh/route/node.ts";

/** A machine without ssh, with these files and no way to write any. */
export function sshMachine(files: Readonly<Record<string, string>>): NodeSshWorld {
  return {
    clock: systemClock,
    env: {},
    self: { user: "me" },
    home: "/home/me",
    run: () => Promise.resolve(undefined),
    files: {
      read: (path) =>
        Promise.resolve(files[path] ? new TextEncoder().encode(files[path]) : undefined),
      write: () => Promise.reject(new Error("nothing is written")),
      appendLine: () => Promise.reject(new Error("nothing is written")),
    },
  };
}
