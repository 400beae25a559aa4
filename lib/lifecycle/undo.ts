/** How one step is taken back. */
export interface UndoStep {
  readonly title: string;
  readonly act: (signal: AbortSignal) => Promise<void>;
}

/** What takes back the steps done so far. */
export interface Undo {
  /**
   * Registers how a step is taken back, together with the step.
   *
   * @returns What to call when there is nothing to take back any more.
   */
  add(title: string, act: UndoStep["act"]): () => void;
  /** From here on nothing of what was done is taken back. */
  forget(): void;
  /** Hands out what is to be done, last first, and forgets it. */
  take(): readonly UndoStep[];
}

/** An empty list of steps to take back. */
export function createUndo(): Undo {
  let steps: UndoStep[] = [];
  return {
    add(title, act) {
      const step = { title, act };
      steps.unshift(step);
      return () => {
        steps = steps.filter((one) => one !== step);
      };
    },
    forget() {
      steps = [];
    },
    take() {
      const taken = steps;
      steps = [];
      return taken;
    },
  };
}
