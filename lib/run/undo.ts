import type { Remedy } from "../core/remedy.ts";

/** Undo of one step. */
export interface UndoStep {
  readonly title: string;
  /** Gives what is worth a word of it, if anything is. */
  readonly act: (signal: AbortSignal) => Promise<readonly string[] | void>;
  /** Way to do the same later; absent if that goes with another step. */
  readonly byHand?: string | Remedy | undefined;
}

/** State of a step. */
export interface UndoOptions extends Pick<UndoStep, "byHand"> {
  /** It is taken back in the end whatever comes of the rest. */
  readonly temporary?: boolean;
}

/** Undo of the steps done so far. */
export interface Undo {
  /**
   * Registers how a step is taken back, together with the step.
   *
   * @returns What to call when there is nothing to take back any more.
   */
  add(title: string, act: UndoStep["act"], options?: UndoOptions): () => void;
  /** From here on nothing of what was done is taken back, but for what is temporary. */
  forget(): void;
  /** Undo to run next: that of the last step. It stays until it is withdrawn. */
  next(): (UndoStep & { readonly withdraw: () => void }) | undefined;
}

/** An empty list of steps to take back. */
export function createUndo(): Undo {
  let steps: (UndoStep & UndoOptions)[] = [];
  const withdraw = (step: UndoStep): void => {
    steps = steps.filter((one) => one !== step);
  };
  return {
    add(title, act, options = {}) {
      const step = { title, act, ...options };
      steps.unshift(step);
      return () => withdraw(step);
    },
    forget() {
      steps = steps.filter(({ temporary }) => temporary);
    },
    next() {
      const [step] = steps;
      return step && { ...step, withdraw: () => withdraw(step) };
    },
  };
}
