/** Checked values, with the types that come of them. */
export * from "npm:valibot@1.5.0";
