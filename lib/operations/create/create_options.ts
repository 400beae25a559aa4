import type { Recipe } from "../../recipe/schema/types.ts";

/**
 * Options for a create.
 *
 * @category Changes
 */
export interface CreateOptions {
  /** The recipe that the plan was made from: its scripts and secrets are not part of the plan. */
  readonly recipe?: Recipe | undefined;
  /** Ends it; what was made is then undone. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the undo, too: what remains is reported, with the command that removes it. */
  readonly leave?: AbortSignal | undefined;
  /**
   * True if a container that runs already is kept when something goes wrong. Absent:
   * kept when a step inside it fails, removed when the run is interrupted.
   */
  readonly onFailure?: "keep" | "destroy" | undefined;
}
