import * as v from "../../../deps/valibot.ts";
import { containerSchema } from "./container.ts";
import { field } from "./fields/field.ts";
import { matching } from "./fields/texts.ts";
import { provisioningSchema } from "./provisioning.ts";
import type { Recipe } from "./types.ts";

/** A whole recipe in its nested form, before positions are added. */
export const recipeSchema = v.strictObject({
  version: v.optional(
    v.pipe(
      field("Version of the recipe format.", matching("^1([.]0)?$", "1.0, the only one so far")),
      v.transform((): Recipe["version"] => "1.0"),
    ),
    "1.0",
  ),
  container: containerSchema,
  provisioning: v.optional(provisioningSchema, {}),
});
