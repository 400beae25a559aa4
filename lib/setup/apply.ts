import { type NodeCommand, type NodeContext } from "../actions/node_command.ts";
import { moduleOf } from "../actions/table.ts";
import type { Secret } from "../core/secret.ts";
import type { Clock } from "../core/platform.ts";
import type { Event } from "../run/event.ts";
import { rollBack } from "../run/roll_back.ts";
import { runActions } from "../run/run_actions.ts";
import { createUndo } from "../run/undo.ts";
import { type SetupNode, succeed } from "./node.ts";

/** Options for changing the node, besides the actions. */
export interface SetupOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Work that has to succeed too, or all is undone; takes the secret of a token that was made. */
  readonly then: (secret: Secret | undefined) => Promise<void>;
}

/**
 * Makes the changes on a node. After a failure, or when the signal aborts, those that were made are
 * undone, whatever the user presses.
 *
 * @throws {unknown} The failure, after all is undone.
 */
export async function* setUpNode(
  node: SetupNode,
  actions: readonly NodeCommand[],
  { clock, signal, then }: SetupOptions,
): AsyncGenerator<Event, void> {
  const undo = createUndo();
  const run = (argv: readonly string[]): Promise<string> => succeed(node, argv);
  const context: NodeContext = { clock, signal, undo, durations: {}, run };
  try {
    yield* runActions(actions, moduleOf<NodeCommand>, context);
    signal.throwIfAborted();
    await then(context.secret);
  } catch (error) {
    yield* rollBack(clock, undo, undefined);
    throw error;
  }
}
