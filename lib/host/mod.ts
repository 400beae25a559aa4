import type { World } from "../core/world.ts";
import { systemClock } from "./clock.ts";
import { denoFiles, denoFileStreams, denoPrivateFiles } from "./files.ts";
import { onInterrupt } from "./interrupt.ts";
import { runProcess } from "./process.ts";
import { self } from "./self.ts";
import { denoTerminal } from "./terminal.ts";

/**
 * The machine that this process runs on, as ports.
 *
 * @returns The world that the command line and scripts hand to `connect`.
 *
 * @example The same machine with another environment
 * ```ts
 * import { denoWorld } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const world = { ...denoWorld(), env: { PROXMOX_HOST: "pve.example" } };
 * assert.ok(world.clock.now() > 0);
 * ```
 */
export function denoWorld(): World {
  const env = Deno.env.toObject();
  return {
    env,
    cwd: Deno.cwd(),
    home: env["HOME"] ?? env["USERPROFILE"],
    clock: systemClock,
    terminal: denoTerminal(),
    files: denoFiles,
    fileStreams: denoFileStreams,
    privateFiles: denoPrivateFiles,
    run: runProcess,
    fetch: (url, init) => fetch(url, init),
    self,
    onInterrupt,
  };
}
