import { PxrunError } from "../core/errors.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import type { Step } from "./step.ts";

/** Provisioning that did not come to its end, with a hint for a container that stays as it is. */
export class Unfinished extends PxrunError {}

/** A step that did not do what it is for. */
export class StepFailed extends Unfinished {
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
      hint: "fix the cause and provision again: steps that are done are not done again",
    });
    this.step = step.id;
  }
}

/** End of a script that did not succeed. */
export function endingOf(result: ExecResult): string {
  const { code, signal } = result;
  if (signal !== undefined) return `it was killed by ${signal}`;
  const why = WHY_KILLED.get(code ?? 0);
  return `it ended with exit status ${code}${why === undefined ? "" : ` (${why})`}`;
}

/** Exit statuses that a script seldom chooses, with what is behind them. */
const WHY_KILLED: ReadonlyMap<number, string> = new Map([
  [137, "killed by KILL, as when memory runs out"],
  [143, "killed by TERM, as when the container is shut down or restarted"],
]);

/** The failure of a connection while a step ran. */
export function connectionLost(step: Step, vmid: number, cause: PxrunError): Unfinished {
  return new Unfinished(
    "UNREACHABLE",
    `${step.title}: the connection was lost while this ran in container ${vmid}: ${cause.message}`,
    { hint: "it may still be running there; provision again for the rest", cause },
  );
}

/** Nobody knows what is to be done, since the container did not answer in time. */
export function checksLate(cause: PxrunError): Unfinished {
  return new Unfinished("TIMEOUT", `cannot see what is to be done: ${cause.message}`, {
    hint: "is it out of memory, or is something in it waiting for a lock? provision it again",
    cause,
  });
}

function quoted(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `; its last lines:${lines.map((l) => `\n    ${l}`).join("")}`;
}
