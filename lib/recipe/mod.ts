export type { Problem } from "../core/problem.ts";
export { formatRecipe } from "./write/format.ts";
export { InvalidRecipe } from "./read/invalid_recipe.ts";
export { type JsonSchema, recipeJsonSchema } from "./schema/json_schema.ts";
export { flagOverrides, type Override, parseSet, type RecipeFlags } from "./read/overrides.ts";
export {
  type ParseOptions,
  parseRecipe,
  recipeFromOverrides,
  type RecipeObject,
} from "./read/parse.ts";
export type * from "./schema/types.ts";
