import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../../lib/core/argv.ts";
import type { Env } from "../../lib/core/platform.ts";
import { aloneEnv } from "./alone.ts";

const main = join(import.meta.dirname ?? ".", "../../main.ts");

/** How long anything may take to appear, in milliseconds. */
const PATIENCE = 60_000;

/** What the keys of a terminal send. */
const keys = {
  "enter": "\r",
  "escape": "\x1b",
  "up": "\x1b[A",
  "down": "\x1b[B",
  "tab": "\t",
  "backspace": "\x7f",
  "ctrl-c": "\x03",
  "ctrl-d": "\x04",
  "ctrl-z": "\x1a",
} as const;

/** A key that is no text. */
export type Key = keyof typeof keys;

/** Where a program runs. */
export interface TerminalOptions {
  /** Besides PATH, HOME, TERM and where Deno keeps what it loaded. */
  readonly env?: Env;
  readonly cwd?: string;
  readonly columns?: number;
  readonly rows?: number;
}

/** A program on a pseudo-terminal, seen and typed at as its user does. */
export interface PseudoTerminal extends AsyncDisposable {
  /** The program itself, and what it is replaced by. */
  readonly pid: Promise<number>;
  /** Its exit status; 128 and more where a signal ended it. */
  readonly status: Promise<number>;
  /** All that was written so far, without colours and cursor movements. */
  text(): string;
  /** The same as it was sent to the terminal. */
  raw(): string;
  /**
   * Waits until text appears after what the call before found.
   *
   * @throws {AssertionError} When it does not within a minute, or the program ends before.
   */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  type(text: string): Promise<void>;
  key(name: Key): Promise<void>;
  /** Sends a signal to the program, past the terminal. */
  signal(name: Deno.Signal): Promise<void>;
  /** Changes the size of the window, as dragging its corner does. */
  resize(columns: number, rows: number): Promise<void>;
}

/** The command line of pxrun from its sources. */
export function pxrun(args: readonly string[]): string[] {
  // Quiet: else Deno clears a progress bar of its own.
  const deno = [Deno.execPath(), "run", "-A", "--cached-only", "--no-check", "--quiet", main];
  return [...deno, ...args];
}

/** Starts pxrun from its sources on a pseudo-terminal. */
export function startPxrun(
  args: readonly string[],
  options: TerminalOptions = {},
): PseudoTerminal {
  return startTerminal(pxrun(args), options);
}

/** Starts a program on a pseudo-terminal of util-linux's `script`. */
export function startTerminal(
  argv: readonly string[],
  { env = {}, cwd, columns = 100, rows = 30 }: TerminalOptions = {},
): PseudoTerminal {
  // The shell is replaced, so that the child of `script` is the program.
  const command = `stty cols ${columns} rows ${rows} && exec ${commandLine(argv)}`;
  const child = new Deno.Command("script", {
    // Without --echo a terminal whose input is a pipe shows nothing that is typed.
    args: ["--quiet", "--return", "--flush", "--echo=always", "--command", command, "/dev/null"],
    clearEnv: true,
    env: aloneEnv({ SHELL: "/bin/sh", TERM: "xterm-256color", ...env }),
    ...(cwd !== undefined && { cwd }),
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const watching = new Set<() => void>();
  let raw = "";
  let seen = 0;
  let ended = false;
  const status = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      raw += chunk;
      watching.forEach((look) => look());
    }
    const { code } = await child.status;
    ended = true;
    watching.forEach((look) => look());
    return code;
  })();
  const pid = childOf(child.pid, () => ended);
  // Whoever never asks for it is not to hear of it.
  pid.catch(() => {});

  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        watching.delete(look);
      };
      const fail = (why: string): void => {
        settle();
        reject(
          new assert.AssertionError({ message: `${why}: ${pattern}\n${withoutEscapes(raw)}` }),
        );
      };
      const look = (): void => {
        const found = pattern.exec(withoutEscapes(raw).slice(seen));
        if (found !== null) {
          seen += found.index + found[0].length;
          settle();
          resolve(found);
        } else if (ended) fail("it ended without");
      };
      const timer = setTimeout(() => fail(`nothing like it in ${PATIENCE / 1000} s`), PATIENCE);
      watching.add(look);
      look();
    });
  const type = (text: string): Promise<void> => keyboard.write(new TextEncoder().encode(text));

  return {
    pid,
    status,
    text: () => withoutEscapes(raw),
    raw: () => raw,
    until,
    type,
    key: (name) => type(keys[name]),
    async signal(name) {
      Deno.kill(await pid, name);
    },
    async resize(columns, rows) {
      const terminal = await Deno.readLink(`/proc/${await pid}/fd/0`);
      const args = ["-F", terminal, "cols", `${columns}`, "rows", `${rows}`];
      assert.ok((await new Deno.Command("stty", { args }).output()).success);
    },
    async [Symbol.asyncDispose]() {
      // It is killed by its number, which is its own as long as it was not waited for.
      await pid.then((pid) => ended || Deno.kill(pid, "SIGKILL")).catch(() => {});
      await status;
      await keyboard.close().catch(() => {});
    },
  };
}

/** Control sequences, window titles and single-character escapes. */
function withoutEscapes(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- that is what is removed
    .replace(/\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>78])/g, "")
    .replaceAll(/\r+\n/g, "\n");
}

/** The process that `script` started, once it is the program and no longer the shell before it. */
async function childOf(script: number, ended: () => boolean): Promise<number> {
  const read = (path: string): Promise<string> => Deno.readTextFile(path).catch(() => "");
  while (!ended()) {
    const child = (await read(`/proc/${script}/task/${script}/children`)).trim();
    const shown = child === "" ? "" : await read(`/proc/${child}/cmdline`);
    if (shown !== "" && !shown.includes("&& exec ")) return Number(child);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("the program has ended");
}
