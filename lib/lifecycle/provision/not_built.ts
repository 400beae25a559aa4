import type { Recipe } from "../../recipe/types.ts";

/** A wish of a recipe that pxrun cannot fulfil yet. */
export interface NotBuilt {
  /** The key: `provisioning.docker`. */
  readonly path: string;
  /** What it asks for, as a noun phrase. */
  readonly what: string;
}

/**
 * Lists the valid wishes of a recipe that would have to be dropped.
 */
export function notBuilt(recipe: Recipe): NotBuilt[] {
  const { provisioning } = recipe;
  const found: NotBuilt[] = [];
  const add = (there: boolean, path: string, what: string): void => {
    if (there) found.push({ path, what });
  };
  add(provisioning.tailscale !== undefined, "provisioning.tailscale", "tailscale");
  return found;
}
