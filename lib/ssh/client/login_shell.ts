import { PxrunError } from "../../core/errors.ts";
import { type ChannelContext, runOnChannel } from "./channel.ts";
import { roundTrip } from "./drain.ts";
import { addressOf, sshCommand, type SshTarget } from "./errors.ts";
import { later } from "./stdin.ts";
import { afterMarkers, announce } from "./marker.ts";
import type { ExecOptions, ExecResult } from "./transport.ts";

/** Options for running a command through a login shell. */
interface LoginShellContext extends ChannelContext {
  /** Whose shell it is. */
  readonly target: SshTarget;
  /** Milliseconds that the shell may take to begin with the command. */
  readonly limit: number;
}

/** Input of the login shell: it says that the shell has come to it, then hands over to sh. */
const BEGIN = `${announce('"$0"')} && exec sh -c "$(printf %b "$@")"`;

/** The csh of BSD takes no longer words. */
const LONGEST_WORD = 800;

/** Quotes, `!` and backslashes mean something within single quotes to csh or fish. */
const PLAIN = /^[ "-&(-[\]-~]$/;

/**
 * The line that has a command run by `sh`, for any login shell: POSIX's kind, csh, fish. It is one
 * line, and what a shell might take for its own is written as `printf %b` reads it. `exec` leaves no
 * shell behind that would print something in the end.
 *
 * @param command POSIX sh.
 * @param id The id of the markers that are printed before it.
 */
function loginShellLine(command: string, id: string): string {
  const words: string[] = [];
  let word = "";
  for (const byte of new TextEncoder().encode(command)) {
    const letter = String.fromCharCode(byte);
    const piece = PLAIN.test(letter) ? letter : `\\0${byte.toString(8).padStart(3, "0")}`;
    if (word.length + piece.length > LONGEST_WORD) {
      words.push(word);
      word = "";
    }
    word += piece;
  }
  return ["exec sh -c", ...[BEGIN, id, ...words, word].map((text) => `'${text}'`)].join(" ");
}

/**
 * Runs a command in the login shell of a host. What that prints by itself, because of its start-up
 * files, is no output of the command; nothing of standard input is sent before the command is there
 * to read it.
 *
 * @throws {PxrunError} FAILED when the shell does not come to the command.
 * @throws {ChannelRefused} See {@linkcode runOnChannel}, also for what else it throws.
 */
export async function runByLoginShell(
  command: string,
  options: ExecOptions,
  { target, limit, ...context }: LoginShellContext,
): Promise<ExecResult> {
  const { client, clock, signal } = context;
  const id = crypto.randomUUID();
  const begun = Promise.withResolvers<void>();
  const over = new AbortController();
  const waiting = new AbortController();
  const late = new AbortController();
  const streams = afterMarkers(id, {
    ...options,
    onBegun() {
      waiting.abort();
      begun.resolve();
      options.onBegun?.();
    },
  });
  /** The limit, from when the host has started the shell. A line that is silent is another matter. */
  const watch = async (): Promise<void> => {
    await clock.sleep(limit, waiting.signal);
    await roundTrip(client);
    if (!streams.begun) late.abort(neverBegan(target, limit));
  };
  try {
    const { code, signal: name } = await runOnChannel(loginShellLine(command, id), {
      ...options,
      ...(options.stdin !== undefined && {
        stdin: later(begun.promise, over.signal, options.stdin),
      }),
      onStdout: streams.onStdout,
      onStderr: streams.onStderr,
    }, {
      ...context,
      signal: AbortSignal.any([signal, late.signal]),
      onOpened: () => void watch().catch(() => {}),
    });
    if (!streams.begun) throw notRun(target, name ?? `status ${code}`, streams.said());
    return { code, signal: name, stdout: streams.stdout, stderr: streams.stderr };
  } finally {
    over.abort();
    waiting.abort();
    begun.resolve();
  }
}

const LOOK =
  "look at its start-up files there, such as ~/.bashrc: a program that takes the place " +
  "of the shell, or waits for input, belongs behind `case $- in *i*)`";

function neverBegan(target: SshTarget, limit: number): PxrunError {
  return new PxrunError(
    "FAILED",
    `the login shell of ${target.user} on ${addressOf(target)} does not run commands: ` +
      `none began within ${limit / 1000} s`,
    { hint: `\`${sshCommand(target, "true")}\` has to end by itself; ${LOOK}` },
  );
}

function notRun(target: SshTarget, how: string, said: string): PxrunError {
  const last = said.trim().split("\n").at(-1)?.trim();
  return new PxrunError(
    "FAILED",
    `the login shell of ${target.user} on ${addressOf(target)} does not run commands: ` +
      `it ended with ${how} and ran none${last ? `; it said: ${last}` : ""}`,
    { hint: `\`${sshCommand(target, "true")}\` shows what it does instead; ${LOOK}` },
  );
}
