import os from "node:os";
import process from "node:process";
import type { ProcessInfo } from "../core/platform.ts";

/** This process. */
export const self: ProcessInfo = {
  host: Deno.hostname(),
  get user() {
    try {
      return os.userInfo().username || undefined;
    } catch (error) {
      // Without it, a user of this very name in ssh_config would count as set on purpose.
      if (error instanceof Deno.errors.NotCapable) throw error;
      return undefined;
    }
  },
  pid: Deno.pid,
  // As Node names it; loading Node's process for that would take longer than the command line.
  platform: Deno.build.os === "windows" ? "win32" : Deno.build.os,
  get pidScope() {
    try {
      // Containers and machines may share a name; a started kernel and its PID namespace they do not.
      const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
      const [, namespace] = /^pid:\[(\d+)\]$/.exec(Deno.readLinkSync("/proc/self/ns/pid")) ?? [];
      return boot === "" || namespace === undefined ? undefined : `${boot}/${namespace}`;
    } catch {
      // Only Linux has these.
      return undefined;
    }
  },
  isRunning(pid) {
    try {
      // Signal 0 only asks.
      return process.kill(pid, 0);
    } catch (error) {
      // Else it runs and belongs to another user, or this process may not ask.
      return !(error instanceof Error && "code" in error && error.code === "ESRCH");
    }
  },
};
