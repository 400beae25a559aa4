import type { Platform } from "../core/platform.ts";
import { systemClock } from "./clock.ts";
import { denoFiles, denoFileStreams, denoPrivateFiles } from "./files.ts";
import { onInterrupt } from "./interrupt.ts";
import { runProcess } from "./process.ts";
import { self } from "./self.ts";
import { system } from "./system.ts";
import { denoTerminal } from "./terminal.ts";

/**
 * The machine that this process runs on, as ports.
 *
 * @returns The platform that the command line and scripts hand to `connect`.
 *
 * @example The same machine with another environment
 * ```ts
 * import { denoPlatform } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const platform = { ...denoPlatform(), env: { PROXMOX_HOST: "pve.example" } };
 * assert.ok(platform.clock.now() > 0);
 * ```
 *
 * @category Platform
 */
export function denoPlatform(): Platform {
  const env = Deno.env.toObject();
  return {
    env,
    cwd: Deno.cwd(),
    home: system.home(env),
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
