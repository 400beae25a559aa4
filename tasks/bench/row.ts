/** One budget, and what it came to. */
export interface Row {
  readonly name: string;
  /** In {@linkcode unit}. */
  readonly measured: number;
  /** Value that it is compared with, in the same unit; absent: only the budget. */
  readonly ideal?: number;
  /** At most so much: see {@linkcode of}. Absent: it is told, and held to nothing. */
  readonly budget?: number;
  /** True if the budget is for measured ÷ ideal, for measured − ideal, or for measured itself. */
  readonly of: "ratio" | "difference" | "itself";
  readonly unit: "ms" | "MiB" | "calls" | "round trips" | "containers";
}

/** A budget that could not be measured here. */
export interface NotMeasured {
  readonly name: string;
  readonly why: string;
}

/** Measures some budgets. */
export type Bench = () => Promise<(Row | NotMeasured)[]>;

/** Subject of the budget. */
export function valueOf({ measured, ideal = 0, of }: Row): number {
  return of === "ratio" ? measured / ideal : of === "difference" ? measured - ideal : measured;
}

/** True if the budget is kept. */
export function isKept(row: Row): boolean {
  return row.budget === undefined || valueOf(row) <= row.budget;
}
