/** The JSON Schema of a recipe. */
export { toJsonSchema } from "npm:@valibot/to-json-schema@1.8.0";
