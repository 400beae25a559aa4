import type { CommandOf } from "./ast.ts";

/** Which shell it is: they word their errors differently, and only bash has its own extensions. */
export type Flavor = "dash" | "ash" | "bash";

/** A shell variable. */
export interface Variable {
  readonly value: string | undefined;
  readonly exported: boolean;
  readonly readonly: boolean;
}

/** A `break` or `continue` on its way to its loop. */
export class LoopJump extends Error {
  readonly kind: "break" | "continue";
  readonly depth: number;

  /**
   * @param kind Which of both.
   * @param depth How many loops it still has to leave.
   */
  constructor(kind: "break" | "continue", depth: number) {
    super(kind);
    this.kind = kind;
    this.depth = depth;
  }
}

/** A `return` on its way out of a function or a sourced file. */
export class ReturnJump extends Error {
  readonly status: number;

  /** @param status What `$?` is afterwards. */
  constructor(status: number) {
    super("return");
    this.status = status;
  }
}

/** An `exit` on its way out of the shell. */
export class ExitJump extends Error {
  readonly status: number;

  /** @param status The shell's exit status. */
  constructor(status: number) {
    super("exit");
    this.status = status;
  }
}

/** An error that ends one command, and a non-interactive POSIX shell where it is a special one. */
export class ShellError extends Error {
  readonly status: number;

  /**
   * @param message Without the shell's name.
   * @param status What `$?` is afterwards.
   */
  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}

/** Options that `set` knows, by letter. */
export const OPTION_NAMES: Readonly<Record<string, string>> = {
  a: "allexport",
  C: "noclobber",
  e: "errexit",
  f: "noglob",
  n: "noexec",
  u: "nounset",
  v: "verbose",
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
  /** Where in its word `getopts` goes on. */
  optionOffset = 1;
  /** `$!`, empty before the first background command. */
  lastBackground = "";
  /** Commands by signal name, or EXIT. */
  traps: Map<string, string> = new Map();
  line = 0;
  /** Variables that each function call has made local, with what they were before. */
  #scopes: Map<string, Variable | undefined>[] = [];

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
    copy.optionOffset = this.optionOffset;
    copy.lastBackground = this.lastBackground;
    copy.line = this.line;
    copy.#scopes = this.#scopes.map((scope) => new Map(scope));
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
    if (old?.readonly) throw new ShellError(`${name}: is read only`);
    this.variables.set(name, {
      value,
      exported: exported ?? old?.exported ?? this.options.has("allexport"),
      readonly: false,
    });
  }

  /** Marks a variable that may not be there yet. */
  mark(name: string, mark: "exported" | "readonly", on = true): void {
    const old = this.variables.get(name);
    const base = old ?? { value: undefined, exported: false, readonly: false };
    this.variables.set(name, { ...base, [mark]: on });
  }

  /** Removes a variable. */
  unset(name: string): void {
    if (this.variables.get(name)?.readonly) throw new ShellError(`${name}: is read only`);
    this.variables.delete(name);
  }

  /** Whether a function is being run. */
  get inFunction(): boolean {
    return this.#scopes.length > 0;
  }

  /** A function begins. */
  enterFunction(): void {
    if (this.#scopes.length >= 1000) {
      throw new ShellError("Maximum function recursion depth (1000) reached");
    }
    this.#scopes.push(new Map());
  }

  /** A function ends: its local variables are gone. */
  leaveFunction(): void {
    for (const [name, old] of this.#scopes.pop() ?? []) {
      if (old === undefined) this.variables.delete(name);
      else this.variables.set(name, old);
    }
  }

  /** Makes a variable local to the running function. */
  makeLocal(name: string): void {
    const scope = this.#scopes.at(-1);
    if (scope === undefined) throw new ShellError("local: not in a function");
    if (scope.has(name)) return;
    const old = this.variables.get(name);
    scope.set(name, old);
    // dash keeps the outer value until the function assigns one.
    if (old === undefined || this.flavor === "bash") this.variables.delete(name);
  }

  /** What a program that is run gets as its environment. */
  environment(): Map<string, string> {
    const environment = new Map<string, string>();
    for (const [name, { value, exported }] of this.variables) {
      if (exported && value !== undefined) environment.set(name, value);
    }
    return environment;
  }
}
