import { commandLine } from "../core/argv.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { createUndo, type Undo } from "../run/undo.ts";
import { type SetupNode, succeed } from "./node.ts";
import type { NodeStep } from "./steps.ts";

/** What changing the node needs besides the steps. */
export interface ApplyOptions {
  readonly signal: AbortSignal;
  /** Told of each step that is done or taken back. */
  readonly tell: (line: string) => void;
  /** What has to succeed too, or all is taken back; the token's secret, where one was made. */
  readonly then: (secret: Secret | undefined) => Promise<void>;
}

/**
 * Makes the changes on a node, one after the other. After a failure, or when the signal
 * aborts, those that were made are taken back in reverse. A change that has begun is seen to
 * its end: it could not be taken back while it is being made.
 *
 * @throws {unknown} What went wrong, after all is taken back.
 */
export async function applySteps(
  node: SetupNode,
  steps: readonly NodeStep[],
  { signal, tell, then }: ApplyOptions,
): Promise<void> {
  const undo = createUndo();
  let secret: Secret | undefined;
  try {
    for (const step of steps) {
      signal.throwIfAborted();
      const printed = await applyStep(node, step, undo, tell);
      if (step.makesToken) secret = readSecret(printed);
      tell(step.title);
    }
    signal.throwIfAborted();
    await then(secret);
  } catch (error) {
    for (let next; (next = undo.next()) !== undefined; next.withdraw()) await next.act(quiet);
    throw error;
  }
}

/** Taking back goes on whatever the user presses. */
const quiet = new AbortController().signal;

async function applyStep(
  node: SetupNode,
  { title, argv, undo: back, makesToken }: NodeStep,
  undo: Undo,
  tell: ApplyOptions["tell"],
): Promise<string> {
  // From here on it may be done, whatever becomes of the connection.
  const withdraw = back && undo.add(title, async () => {
    try {
      await succeed(node, back);
      tell(`undone: ${title}`);
    } catch (error) {
      tell(`not undone: ${title} (${messageOf(error)}); on a node: ${commandLine(back)}`);
    }
  });
  try {
    return await succeed(node, makesToken ? [...argv, "--output-format", "json"] : argv);
  } catch (error) {
    // The node itself says that it was not done.
    if (error instanceof PxrunError && error.code !== "UNREACHABLE") withdraw?.();
    throw error;
  }
}

/** Nothing of what pveum prints may get into an error. */
function readSecret(printed: string): Secret {
  try {
    const { value } = Object(JSON.parse(printed));
    if (typeof value === "string" && value !== "") return new Secret(value);
  } catch {
    // The same as no secret.
  }
  throw new PxrunError("FAILED", "pveum made a token and printed no secret of it", {
    hint: "is something in the shell's start-up files printing text on the node?",
  });
}
