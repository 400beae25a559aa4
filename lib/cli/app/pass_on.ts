import { PxrunError } from "../../core/errors.ts";
import type { ExecResult } from "../../ssh/client/transport.ts";
import { Finished } from "./exit.ts";

/**
 * Ends as a command in a container ended. A node's own program that was killed took the
 * command's status with it.
 */
export function passOn({ code, signal }: Pick<ExecResult, "code" | "signal">): void {
  if (code === undefined) {
    throw new PxrunError("FAILED", `the way into the container was ended by SIG${signal}`, {
      hint: "the command may still run",
    });
  }
  if (code !== 0) throw new Finished(code);
}
