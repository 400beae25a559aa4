import { limits } from "../core/limits.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { whileRunning } from "../core/while_running.ts";
import type { Clock } from "../core/platform.ts";
import {
  type GuestSession,
  guestSession,
  type SessionOptions,
} from "../guest/resilient_session.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import type { Event } from "../run/event.ts";
import { checksLate, connectionLost, endingOf, StepFailed } from "./failure.ts";
import { lineReader } from "./output.ts";
import {
  actAgainScript,
  actScript,
  checkScript,
  NOTE,
  parseChecks,
  type Step,
  WARNING,
} from "./step.ts";

/** Number of lines of output that a failure shows. */
const LAST_LINES = 20;

/** Options for `provision`. */
export interface ProvisionOptions extends SessionOptions {
  /** In the order in which they are to run. */
  readonly steps: readonly Step[];
  /** Ends what runs in the container. */
  readonly signal?: AbortSignal | undefined;
  /** Gives a step that has to act what is only had for that. */
  readonly complete?: ((step: Step) => Promise<Step>) | undefined;
}

/** Events meanwhile. Each step ends in one `step-done` or `step-failed`. */
export type ProvisionEvent = Extract<
  Event,
  { type: "step-started" | "step-done" | "step-failed" | "output" | "warning" }
>;

/**
 * Runs the steps, in order. All checks go through one channel; only a step
 * that must act gets its own. Nothing runs in the container any more when this ends, also by an
 * abort or because the caller stops listening.
 *
 * @throws {StepFailed} when a step failed that is not `continueOnError`.
 * @throws {PxrunError} UNREACHABLE when the connection dropped and could not be opened again: the
 * step may still be running. Another code when it was opened again and nothing can be run any more.
 */
export async function* provision(options: ProvisionOptions): AsyncGenerator<ProvisionEvent> {
  const { clock } = options;
  const steps = [...options.steps];
  using session = guestSession(options);
  const inside = { ...options, session };
  let due = yield* stepsDue(inside, steps);
  let asked = true;
  for (const [index, step] of steps.entries()) {
    const preparing = step.prepares;
    if (!asked && !due.has(step.id) && preparing === undefined) {
      // What an earlier step changed may have undone what was found at the start.
      due = yield* stepsDue(inside, steps.slice(index));
      asked = true;
    }
    if (preparing === undefined ? due.has(step.id) : preparing.some((id) => due.has(id))) {
      yield* carryOut({ ...inside, steps }, index, step);
      asked &&= preparing !== undefined;
    } else {
      const common = { step: step.id, title: step.title, at: clock.now() };
      yield { type: "step-done", ...common, ms: 0, changed: false };
    }
  }
}

/** State that is handed down, besides the options. */
interface Inside extends ProvisionOptions {
  readonly session: GuestSession;
}

/** The ids of the steps that have to act. */
async function* stepsDue(
  { vmid, session, clock, signal }: Inside,
  steps: readonly Step[],
): AsyncGenerator<ProvisionEvent, ReadonlySet<string>> {
  const checked = steps.filter((step) => step.check !== undefined);
  const due = new Set(steps.filter((step) => step.check === undefined).map((step) => step.id));
  if (checked.length === 0) return due;
  const marker = `pxrun-${crypto.randomUUID()}`;
  const text = checkScript(checked.map((step) => step.check ?? ""), marker);
  const result = yield* whileRunning<ProvisionEvent, ExecResult>(async (say, signal) => {
    const onWarning = (message: string): void => say(warning(message, clock));
    try {
      return await session.run({ text, again: text }, {
        signal,
        timeout: limits.provision.checks,
        onWarning,
      });
    } catch (error) {
      throw error instanceof PxrunError && error.code === "TIMEOUT" ? checksLate(error) : error;
    }
  }, signal);
  const stdout = new TextDecoder().decode(result.stdout);
  for (const [index, status] of parseChecks(stdout, marker, checked.length).entries()) {
    const step = checked[index];
    if (step === undefined) continue;
    if (status === undefined) {
      throw new StepFailed(step, vmid, `its check was not reached: ${endingOf(result)}`, []);
    }
    if (status !== 0) due.add(step.id);
  }
  return due;
}

/** Runs one step in a channel of its own; among the others it stands as it was completed. */
async function* carryOut(
  options: Inside & { readonly steps: Step[] },
  index: number,
  step: Step,
): AsyncGenerator<ProvisionEvent> {
  const { vmid, clock } = options;
  const common = { step: step.id, title: step.title };
  const begun = clock.now();
  yield { type: "step-started", ...common, at: begun };
  const isLast = index === options.steps.length - 1;
  const last: string[] = [];
  const notes: string[] = [];
  const details: string[] = [];
  const end = (): { at: number; ms: number } => ({ at: clock.now(), ms: clock.now() - begun });
  let failure: string | undefined;
  try {
    failure = yield* whileRunning<ProvisionEvent, string | undefined>(async (say, signal) => {
      const completed = await complete(options, index, step);
      return await act({ ...options, signal, last: isLast }, completed, {
        onWarning: (message) => say(warning(message, clock)),
        onLine(line) {
          const [kind, text] = step.tells ? told(line) : ["output" as const, line];
          if (kind !== "output") notes.push(text);
          if (kind === "note") details.push(text);
          if (kind === "warning") say(warning(text, clock));
          last.push(text);
          if (last.length > LAST_LINES) last.shift();
          say({ type: "output", step: step.id, text, at: clock.now() });
        },
      });
    }, options.signal);
  } catch (error) {
    const message = messageOf(error);
    yield { type: "step-failed", ...common, ...end(), message, ignored: false };
    throw error;
  }
  const { at, ms } = end();
  if (failure === undefined) {
    const changed = step.prepares === undefined;
    const detail = details.length > 0 && { detail: details.join("; ") };
    const said = notes.length > 0 && { notes };
    yield { type: "step-done", ...common, at, ms, changed, ...detail, ...said };
    return;
  }
  const error = new StepFailed(step, vmid, failure, last);
  const ignored = step.continueOnError;
  yield { type: "step-failed", ...common, at, ms, message: error.message, ignored };
  if (!ignored) throw error;
}

/** A line of a step that has something to say. */
function told(line: string): readonly ["output" | "note" | "warning", string] {
  if (line.startsWith(NOTE)) return ["note", line.slice(NOTE.length)];
  if (line.startsWith(WARNING)) return ["warning", line.slice(WARNING.length)];
  return ["output", line];
}

function warning(message: string, clock: Clock): ProvisionEvent {
  return { type: "warning", message, at: clock.now() };
}

async function complete(
  options: ProvisionOptions & { readonly steps: Step[] },
  index: number,
  step: Step,
): Promise<Step> {
  const completed = await options.complete?.(step) ?? step;
  options.steps[index] = completed;
  return completed;
}

/** Runs a step's script; gives the reason when it did not succeed. */
async function act(
  options: Inside & { readonly last: boolean },
  step: Step,
  { onLine, onWarning }: { onLine(line: string): void; onWarning(message: string): void },
): Promise<string | undefined> {
  const { vmid, signal, steps, session, last } = options;
  // A script may print what another step has put there.
  const secrets = steps.flatMap((one) => one.secrets);
  const stdout = lineReader(secrets, onLine);
  const stderr = lineReader(secrets, onLine);
  const endLines = (): void => {
    stdout.end();
    stderr.end();
  };
  try {
    const running = session.run({ text: actScript(step), again: actAgainScript(step) }, {
      signal,
      timeout: step.timeout,
      onStdout: stdout.push,
      onStderr: stderr.push,
      onWarning(message) {
        // Half a line that was cut off is no beginning of another one.
        endLines();
        onWarning(message);
      },
    });
    // What comes next acts, or asks again what there is to do.
    if (!last) session.prepare(1);
    const result = await running;
    return result.code === 0 ? undefined : endingOf(result);
  } catch (error) {
    if (signal?.aborted || !(error instanceof PxrunError)) throw error;
    if (error.code === "TIMEOUT") return error.message;
    throw error.code === "UNREACHABLE" ? connectionLost(step, vmid, error) : error;
  } finally {
    endLines();
  }
}
