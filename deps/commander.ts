/** Commands, with types for their options. */
export * from "npm:@commander-js/extra-typings@15.1.0";
