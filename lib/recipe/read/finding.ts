import type { Path, Problem } from "../../core/problem.ts";

/** Something wrong with one value, before it is known where that was written. */
export interface Finding {
  /** The path in the nested form. */
  readonly path: Path;
  /** The rest of the sentence that begins with the value's name: "is missing". */
  readonly says: string;
  readonly hint?: string;
  /** True if it concerns the key and not the value. */
  readonly atKey?: boolean;
}

/** Location of a problem: a place in the file, or a flag. */
export type Where = Pick<Problem, "source" | "line" | "column">;
