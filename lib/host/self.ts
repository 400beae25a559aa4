import process from "node:process";
import type { Self } from "../core/world.ts";

/** This process. */
export const self: Self = {
  host: Deno.hostname(),
  pid: Deno.pid,
  isRunning(pid) {
    try {
      // Signal 0 only asks.
      return process.kill(pid, 0);
    } catch (error) {
      // It runs, and belongs to somebody else.
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
  },
};
