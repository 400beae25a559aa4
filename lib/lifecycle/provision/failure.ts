import { PxrunError } from "../../core/errors.ts";
import type { ExecResult } from "../../ssh/transport.ts";
import type { Step } from "./step.ts";

/** A step that did not bring about what it is for. The container stays as it is. */
export class StepFailed extends PxrunError {
  override readonly name = "StepFailed";
  /** The step's id. */
  readonly step: string;

  /**
   * @param step What failed.
   * @param vmid Where.
   * @param reason How: "it ended with exit status 100".
   * @param lines Its last output, without secrets.
   */
  constructor(step: Step, vmid: number, reason: string, lines: readonly string[]) {
    super("STEP_FAILED", `${step.title}: failed in container ${vmid}, ${reason}${quoted(lines)}`, {
      hint: "mend the cause and provision again: steps that are done are not done again",
    });
    this.step = step.id;
  }
}

/** How a script ended that did not succeed. */
export function endingOf(result: ExecResult): string {
  const { code, signal } = result;
  return signal === undefined ? `it ended with exit status ${code}` : `it was killed by ${signal}`;
}

/** The failure of a connection while a step ran. */
export function connectionLost(step: Step, vmid: number, cause: PxrunError): PxrunError {
  return new PxrunError(
    "UNREACHABLE",
    `${step.title}: the connection was lost while this ran in container ${vmid}: ${cause.message}`,
    { hint: "it may still be running there; provision again for the rest", cause },
  );
}

function quoted(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `; its last lines:${lines.map((l) => `\n    ${l}`).join("")}`;
}
