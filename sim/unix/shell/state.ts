import type { CommandOf } from "./ast.ts";

/** Which shell it is: all are POSIX shells here, which word their errors differently. */
export type Flavor = "dash" | "ash" | "bash";

/** A shell variable. */
export interface Variable {
  readonly value: string | undefined;
  readonly exported: boolean;
}

/** Options that `set` knows, by letter. */
export const OPTION_NAMES: Readonly<Record<string, string>> = {
  a: "allexport",
  e: "errexit",
  f: "noglob",
  u: "nounset",
  x: "xtrace",
};

/** Variables, functions and options of one shell. */
export class ShellState {
  variables: Map<string, Variable> = new Map();
  functions: Map<string, CommandOf<"FunctionDef">> = new Map();
  /** Names of the options that are on. */
  options: Set<string> = new Set();
  positional: string[] = [];
  /** `$0`. */
  name: string;
  readonly flavor: Flavor;
  /** `$?`. */
  status = 0;
  /** `$$`, also in subshells. */
  pid = "";
  /** Commands by signal name, or EXIT. */
  traps: Map<string, string> = new Map();
  line = 0;

  /**
   * @param name `$0`.
   * @param flavor Which shell it is.
   */
  constructor(name: string, flavor: Flavor) {
    this.name = name;
    this.flavor = flavor;
  }

  /** A copy for a subshell. */
  clone(): ShellState {
    const copy = new ShellState(this.name, this.flavor);
    copy.variables = new Map(this.variables);
    copy.functions = new Map(this.functions);
    copy.options = new Set(this.options);
    copy.positional = [...this.positional];
    copy.status = this.status;
    copy.pid = this.pid;
    copy.line = this.line;
    for (const [name, action] of this.traps) if (action === "") copy.traps.set(name, "");
    return copy;
  }

  /** The value of a variable. */
  get(name: string): string | undefined {
    return this.variables.get(name)?.value;
  }

  /** Sets a variable, keeping what it is otherwise. */
  set(name: string, value: string, exported?: boolean): void {
    const old = this.variables.get(name);
    const exports = exported ?? old?.exported ?? this.options.has("allexport");
    this.variables.set(name, { value, exported: exports });
  }

  /** Exports a variable that may not be there yet. */
  export(name: string): void {
    this.variables.set(name, { value: this.get(name), exported: true });
  }

  /** Environment of a program that is run. */
  environment(): Map<string, string> {
    const environment = new Map<string, string>();
    for (const [name, { value, exported }] of this.variables) {
      if (exported && value !== undefined) environment.set(name, value);
    }
    return environment;
  }
}
