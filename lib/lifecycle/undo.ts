/** How one step is taken back. */
export interface UndoStep {
  readonly title: string;
  readonly act: (signal: AbortSignal) => Promise<void>;
  /** What to type to do the same later; absent where that goes with another step. */
  readonly byHand?: string | undefined;
}

/** What takes back the steps done so far. */
export interface Undo {
  /**
   * Registers how a step is taken back, together with the step.
   *
   * @param byHand What to type to do the same later.
   * @returns What to call when there is nothing to take back any more.
   */
  add(title: string, act: UndoStep["act"], byHand?: string): () => void;
  /** From here on nothing of what was done is taken back. */
  forget(): void;
  /** What is to be taken back next: the last step. It stays until it is withdrawn. */
  next(): (UndoStep & { readonly withdraw: () => void }) | undefined;
}

/** An empty list of steps to take back. */
export function createUndo(): Undo {
  let steps: UndoStep[] = [];
  const withdraw = (step: UndoStep): void => {
    steps = steps.filter((one) => one !== step);
  };
  return {
    add(title, act, byHand) {
      const step = { title, act, byHand };
      steps.unshift(step);
      return () => withdraw(step);
    },
    forget() {
      steps = [];
    },
    next() {
      const [step] = steps;
      return step && { ...step, withdraw: () => withdraw(step) };
    },
  };
}
