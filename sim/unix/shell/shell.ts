import { makePipe } from "../os/pipe.ts";
import type { OpenFile } from "../os/open_file.ts";
import { concat, textOf } from "../os/bytes.ts";
import { inheritedOf, Killed, type Process, type System } from "../os/process.ts";
import { isSingle, parse, type ScriptNode, type StatementNode } from "./ast.ts";
import { ExitJump, LoopJump, ReturnJump, ShellError } from "./jumps.ts";
import type { ShellState } from "./state.ts";

/** Signals that a shell mentions when they end a command of its. */
const TOLD: Readonly<Record<number, string>> = {
  1: "Hangup",
  6: "Aborted",
  9: "Killed",
  15: "Terminated",
};

/** Runs statements one after the other: the executor, which a shell gets handed in. */
export type RunStatements = (shell: Shell, statements: readonly StatementNode[]) => Promise<void>;

/** A command that the shell runs itself; it gives the exit status. */
export type Builtin = (
  shell: Shell,
  args: readonly string[],
  name: string,
) => Promise<number> | number;

/** One shell: its state, and the process it runs in. */
export class Shell {
  readonly process: Process;
  readonly state: ShellState;
  readonly #execute: RunStatements;
  /** Number of conditions that the shell is in: there `set -e` does not count. */
  guarded = 0;
  loops = 0;
  /** True if somebody types its commands: then an error does not end it. */
  interactive = false;
  /** True if a program that it runs may take its place, since nothing comes after it. */
  replaceable = false;
  /** Number of lines of the script before the statements that run. */
  lineOffset = 0;
  #pending: string[] = [];
  #steps = 0;

  /**
   * @param process What it runs in.
   * @param state What it starts with.
   * @param execute What runs its statements.
   */
  constructor(process: Process, state: ShellState, execute: RunStatements) {
    this.process = process;
    this.state = state;
    this.#execute = execute;
  }

  /** The system around the shell. */
  get system(): System {
    return this.process.system;
  }

  /** Runs statements as a whole shell does: to the exit status, EXIT trap included. */
  async main(run: () => Promise<void>): Promise<number> {
    try {
      await this.#ending(run);
    } finally {
      if (this.process.status === undefined) await this.#runExitTrap();
    }
    return this.state.status;
  }

  /** Runs statements in this shell. */
  run(statements: readonly StatementNode[]): Promise<void> {
    return this.#execute(this, statements);
  }

  /** Runs something where `set -e` does not count. */
  async guarding(guarded: boolean, run: () => Promise<void>): Promise<void> {
    this.guarded += guarded ? 1 : 0;
    try {
      await run();
    } finally {
      this.guarded -= guarded ? 1 : 0;
    }
  }

  /** Runs a script's text in this shell. */
  async runText(source: string): Promise<void> {
    await this.run(parse(source).statements);
  }

  /** Starts a child process that is a copy of this shell. */
  fork(run: (child: Shell) => Promise<void>, fds?: ReadonlyMap<number, OpenFile>): Process {
    const state = this.state.clone();
    const from = { ...inheritedOf(this.process), env: state.environment() };
    const all = new Map([...this.process.fds, ...fds ?? []]);
    return this.system.start(this.process, from, this.process.argv, (process) => {
      const child = new Shell(process, state, this.#execute);
      child.guarded = this.guarded;
      child.lineOffset = this.lineOffset;
      return child.main(() => run(child));
    }, all);
  }

  /** The standard output of statements that run in a subshell, and their status. */
  async capture(body: ScriptNode): Promise<{ readonly text: string; readonly status: number }> {
    const { reader, writer } = makePipe();
    const child = this.fork((shell) => {
      shell.replaceable = isSingle(body.statements);
      return shell.run(body.statements);
    }, new Map([[1, writer]]));
    reader.hold();
    const pieces: Uint8Array[] = [];
    try {
      for (let piece; (piece = await this.process.wait(reader.read(65536))) !== undefined;) {
        pieces.push(piece);
      }
      return { text: textOf(concat(pieces)), status: await this.process.wait(child.exited) };
    } finally {
      reader.release();
    }
  }

  /** Waits for a child in the foreground. */
  async waitFor(child: Process): Promise<number> {
    const status = await this.process.wait(child.exited);
    const word = TOLD[child.endedBy ?? 0];
    if (word !== undefined) await this.process.err(`${word}\n`);
    return status;
  }

  /** Sets what happens on a signal: undefined restores the default, an empty text ignores it. */
  trap(name: string, number: number, action: string | undefined): void {
    const { traps } = this.state;
    if (action === undefined) traps.delete(name);
    else traps.set(name, action);
    if (number === 0) return;
    if (action === undefined) this.process.dispositions.delete(number);
    else {
      const answer = () => void this.#pending.push(name);
      this.process.dispositions.set(number, action === "" ? "ignore" : answer);
    }
  }

  /** Between two commands: lets others run, and answers signals. */
  async step(): Promise<void> {
    if (this.process.status !== undefined) throw new Killed();
    if (++this.#steps % 200 === 0) await this.process.sleep(0);
    while (this.#pending.length > 0) {
      const status = this.state.status;
      await this.runText(this.state.traps.get(this.#pending.shift() ?? "") ?? "");
      this.state.status = status;
    }
  }

  /** Says what is wrong, as this shell words it. */
  async complain(text: string): Promise<void> {
    const { flavor, name, line } = this.state;
    const where = flavor === "bash" ? `line ${line}: ` : flavor === "dash" ? `${line}: ` : "";
    await this.process.err(`${name}: ${where}${text}\n`);
  }

  async #ending(run: () => Promise<void>): Promise<void> {
    try {
      await run();
      await this.step();
    } catch (error) {
      if (error instanceof ExitJump || error instanceof ReturnJump) {
        this.state.status = error.status;
      } else if (error instanceof ShellError) {
        await this.complain(error.message);
        this.state.status = error.status;
      } else if (!(error instanceof LoopJump)) throw error;
    }
  }

  async #runExitTrap(): Promise<void> {
    const action = this.state.traps.get("EXIT");
    if (action === undefined || action === "") return;
    this.state.traps.delete("EXIT");
    const status = this.state.status;
    await this.#ending(async () => {
      await this.runText(action);
      this.state.status = status;
    });
  }
}
