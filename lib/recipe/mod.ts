export type { Problem } from "../core/problem.ts";
export { formatRecipe } from "./format.ts";
export { InvalidRecipe } from "./invalid_recipe.ts";
export { type JsonSchema, recipeJsonSchema } from "./json_schema.ts";
export { flagOverrides, type Override, parseSet, type RecipeFlags } from "./overrides.ts";
export { type ParseOptions, parseRecipe, recipeFromOverrides, type RecipeObject } from "./parse.ts";
export type * from "./types.ts";
