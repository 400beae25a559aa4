import type { Clock } from "../core/platform.ts";
import type { Event } from "./event.ts";
import { runStep, type StepOutcome } from "./step.ts";

/**
 * An action as the user reads it.
 *
 * @category Plans
 */
export interface Description {
  readonly title: string;
  readonly by: "API" | "SSH";
  /** The request or command behind it. */
  readonly call: string;
  /** Parameters, as `name=value`. */
  readonly parameters?: readonly string[];
  /** Reason for SSH, where it goes over SSH. */
  readonly why?: string;
}

/** Description and execution of actions of one kind. */
export interface ActionModule<A, C> {
  describe(action: A): Description;
  /** Carries it out, and registers with the context how it is undone. */
  run?(action: A, context: C): Promise<Outcome>;
  /** Carries out neighbours of the kind together, with events of their own. */
  runAll?(actions: readonly A[], context: C): AsyncGenerator<Event, void>;
  /** The warning that stands for its failure, where the others go on. */
  ignored?(action: A, error: unknown): string | undefined;
}

/** Result of one action, as far as it is shown. */
export type Outcome = Omit<StepOutcome<void>, "value">;

/** State that the actions of one run share at least. */
export interface RunState {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Action → milliseconds. */
  readonly durations: Record<string, number>;
}

/** Actions as plain data. */
interface Identified {
  readonly kind: string;
  readonly id: string;
}

/**
 * Carries out actions in their order, each between its events. The first failure ends that, and is
 * thrown; how to undo what was done is with the context.
 *
 * @param moduleOf The module of an action's kind.
 */
export async function* runActions<A extends Identified, C extends RunState>(
  actions: readonly A[],
  moduleOf: (action: A) => ActionModule<A, C>,
  context: C,
): AsyncGenerator<Event, void> {
  for (let index = 0; index < actions.length; index++) {
    const action = actions[index];
    if (action === undefined) break;
    const module = moduleOf(action);
    if (module.runAll !== undefined) {
      const end = actions.findIndex((one, at) => at > index && one.kind !== action.kind);
      const alike = actions.slice(index, end < 0 ? undefined : end);
      yield* module.runAll(alike, context);
      index += alike.length - 1;
      continue;
    }
    yield* runOne(action, module, context);
  }
}

async function* runOne<A extends Identified, C extends RunState>(
  action: A,
  module: ActionModule<A, C>,
  context: C,
): AsyncGenerator<Event, void> {
  const { title } = module.describe(action);
  let ignored: string | undefined;
  const step = { id: action.id, title };
  try {
    yield* runStep(context.clock, step, async () => {
      context.signal?.throwIfAborted();
      return { value: undefined, ...await module.run?.(action, context) };
    }, {
      durations: context.durations,
      isIgnored: (error) => {
        ignored = module.ignored?.(action, error);
        return ignored !== undefined;
      },
    });
  } catch (error) {
    if (ignored === undefined) throw error;
    yield { type: "warning", message: ignored, at: context.clock.now() };
  }
}
