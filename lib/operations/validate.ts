import { PxrunError } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Platform } from "../core/platform.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import { readLocalFiles } from "./inspect/local_files.ts";
import { stepInputs } from "../plan/step_inputs.ts";
import { buildSteps } from "../provision/build.ts";
import { isUrl } from "./inspect/remote_keys.ts";

/** Depth of the check of a recipe on the local host. */
export interface LocalCheck {
  /**
   * True if variables are set and files outside the recipe's own directory are looked for. In a
   * pre-commit hook or CI both belong to another machine.
   */
  readonly withMachine: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The problems of a recipe that a create finds before it needs a cluster: local files that are
 * missing, and values that no script can be made of. Keys at an address are not fetched.
 */
export async function localProblems(
  recipe: Recipe,
  platform: Pick<Platform, "files" | "cwd" | "home" | "fetch" | "clock">,
  { withMachine, signal }: LocalCheck,
): Promise<Problem[]> {
  const isRead = (path: string): boolean =>
    !isUrl(path) && (withMachine || !/^[~/]|^\.\.|\$\{/.test(path));
  const read = await readLocalFiles(recipe, platform, signal, isRead);
  const { inputs, problems } = stepInputs(recipe, read, (path) => !withMachine || isUrl(path));
  const found = problems.map(({ path = "", message, hint }) => ({
    path,
    message,
    ...(hint !== undefined && { hint }),
    ...recipe.origin?.positions[path],
  }));
  // Without their variables some values are only placeholders.
  if (found.length > 0 || !withMachine) return found;
  try {
    await buildSteps(recipe.provisioning, inputs);
    return [];
  } catch (error) {
    if (!(error instanceof PxrunError)) throw error;
    return [{
      path: "",
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    }];
  }
}
