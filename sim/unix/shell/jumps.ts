import { notHere } from "../not_here.ts";

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

/** An error that ends one command, and a non-interactive shell where it is a special one. */
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

/** The error for a part of the language that this shell leaves out. */
export function leftOut(what: string): ShellError {
  return new ShellError(notHere(what), 127);
}
