import type { Recipe } from "../recipe/types.ts";

/** A recipe together with what Docker needs of the container itself, where it wants Docker. */
export function withDocker(recipe: Recipe): Recipe {
  if (recipe.provisioning.docker === false) return recipe;
  const { container } = recipe;
  // A privileged container has the keyring of the node anyway.
  const keyctl = container.features.keyctl || container.unprivileged;
  return {
    ...recipe,
    container: { ...container, features: { ...container.features, nesting: true, keyctl } },
  };
}
