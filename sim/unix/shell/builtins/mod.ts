import type { Builtin } from "../shell.ts";
import { CONTROL } from "./control.ts";
import { INPUT_OUTPUT } from "./input_output.ts";
import { JOBS } from "./jobs.ts";
import { lookup } from "./lookup.ts";
import { VARIABLES } from "./variables.ts";

/** Every builtin by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    ...CONTROL,
    ...VARIABLES,
    ...INPUT_OUTPUT,
    ...JOBS,
    ...lookup((name) => BUILTINS.has(name)),
  }),
);

/** Builtins whose errors end the shell. */
export const SPECIAL: ReadonlySet<string> = new Set(
  ". : break continue eval exec exit export return set shift trap".split(" "),
);
