import type { Shell } from "../shell.ts";
import { CONTROL } from "./control.ts";
import { INPUT_OUTPUT } from "./input_output.ts";
import { JOBS } from "./jobs.ts";
import { LOOKUP } from "./lookup.ts";
import { VARIABLES } from "./variables.ts";

/** A command that the shell runs itself; it gives the exit status. */
export type Builtin = (
  shell: Shell,
  args: readonly string[],
  name: string,
) => Promise<number> | number;

/** Every builtin by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({ ...CONTROL, ...VARIABLES, ...INPUT_OUTPUT, ...JOBS, ...LOOKUP }),
);

/** Builtins of bash that dash does not have. */
export const NOT_IN_DASH: ReadonlySet<string> = new Set(
  "builtin declare shopt source typeset".split(" "),
);

/** Builtins whose errors end a POSIX shell. */
export const SPECIAL: ReadonlySet<string> = new Set(
  (". : break continue eval exec exit export readonly return set shift times trap unset").split(
    " ",
  ),
);
