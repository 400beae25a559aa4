import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { Kept } from "../core/bytes.ts";
import { afterMarkers, announce } from "../ssh/client/marker.ts";
import type { ExecOptions, ExecResult, SshTransport, Stdin } from "../ssh/client/transport.ts";
import { goLine, guarded, guardedOnceTold, isOther, type Same } from "./same.ts";

/** The program of a node that starts a process in a container. */
export type Entry = "lxc-attach" | "pct";

/** Connections to nodes that turned out to have only `pct`. */
const withoutLxcAttach = new WeakSet<SshTransport>();

/**
 * The command line, for the node's shell, that runs a command in the container: without any,
 * a shell that is fed by standard input.
 * `lxc-attach` is what `pct exec` ends in, without the second that Perl takes to start.
 */
export function entryCommand(vmid: number, entry: Entry, sudo: boolean, words = "sh -s"): string {
  const command = entry === "pct"
    ? `pct exec ${vmid} --keep-env 0 -- ${words}`
    : `lxc-attach -n ${vmid} --clear-env -- ${words}`;
  return sudo ? `sudo -n ${command}` : command;
}

/** Command that runs in a container, and prints the markers of {@linkcode announce} first. */
export interface Program {
  /** Id by which the markers are found. */
  readonly id: string;
  /** Its command line, for a shell (default: a shell that is fed by standard input). */
  readonly words?: string;
  /** The node enters the container once it has read a line. */
  readonly waits?: boolean;
  /**
   * Its standard input, for each attempt.
   *
   * @param entered Fulfilled when the container was entered, or the attempt is over.
   * @param over Aborted when the attempt is over.
   */
  stdin(entered: Promise<void>, over: AbortSignal): Stdin;
}

/** Program by which the node enters a container. */
export interface Access {
  /** The SSH user is not root. */
  readonly sudo?: boolean | undefined;
  /** Which container is meant; absent: whichever has the VMID. */
  readonly same?: Same | undefined;
}

/** Options for entering a container. */
export interface EnterOptions
  extends Access, Pick<ExecOptions, "onBegun" | "onStdout" | "onStderr" | "pty" | "most"> {
  /** Ends the channel, not what runs in the container. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the container was entered. */
  readonly onEntered?: () => void;
}

/**
 * Runs a program in a container, entered by what the node has for that. Only what the program
 * itself prints shows that the container was entered, and is output. The node compares right before
 * that it is the one that is meant, in the same command.
 *
 * @throws {PxrunError} PERMISSION_DENIED or FAILED when the container could not be entered;
 * UNREACHABLE when the connection dropped.
 */
export async function enter(
  ssh: SshTransport,
  vmid: number,
  program: Program,
  options: EnterOptions,
): Promise<ExecResult> {
  const entry = withoutLxcAttach.has(ssh) ? "pct" : "lxc-attach";
  const { sudo = false, same, onEntered, onStdout, onStderr, most, pty, ...channel } = options;
  if (!program.waits && looksFirst(options)) await same?.look(options.signal);
  const { birth } = same ?? {};
  const entered = Promise.withResolvers<void>();
  const over = new AbortController();
  const streams = afterMarkers(program.id, {
    onBegun() {
      onEntered?.();
      entered.resolve();
    },
    ...(onStdout && { onStdout }),
    ...(onStderr && { onStderr }),
    ...(most !== undefined && { most }),
  });
  const command = entryCommand(vmid, entry, sudo, program.words);
  const { code, signal } = await ssh.exec(onNode(vmid, command, program.waits, options), {
    ...channel,
    ...(pty && { pty }),
    stdin: program.stdin(entered.promise, over.signal),
    onStdout: streams.onStdout,
    onStderr: streams.onStderr,
  }).finally(() => {
    over.abort();
    entered.resolve();
  });
  if (streams.begun) return { code, signal, stdout: streams.stdout, stderr: streams.stderr };
  const said = streams.said().replaceAll(/\r+\n/g, "\n");
  if (entry === "lxc-attach" && lacksLxcAttach(said)) {
    withoutLxcAttach.add(ssh);
    return await enter(ssh, vmid, program, options);
  }
  if (same === undefined || !isOther(said)) throw entryFailure(vmid, signal ?? `${code}`, said);
  // The cluster has the reason, unless only the network has another address by now.
  if (await same.look(options.signal) === birth) throw notAsListed(vmid);
  return await enter(ssh, vmid, program, options);
}

/** Only root may read what the node would compare: for others the cluster is asked each time. */
function looksFirst({ sudo, same }: Access): boolean {
  return same !== undefined && (sudo || same.birth === undefined);
}

/** The command for the node's shell: it compares first, and may wait for a line before that. */
function onNode(
  vmid: number,
  command: string,
  waits: boolean | undefined,
  { sudo, same }: Access,
): string {
  // `read` takes no byte more than the line: the rest is for the command.
  if (waits && (sudo || !same)) return commandLine(["sh", "-c", `read -r go && exec ${command}`]);
  if (waits) return guardedOnceTold(vmid, command);
  return sudo || same?.birth === undefined ? command : guarded(vmid, same.birth, command);
}

function notAsListed(vmid: number): PxrunError {
  return new PxrunError(
    "FAILED",
    `cannot enter container ${vmid}: its node has another configuration of it than the cluster`,
    { hint: `run the command again; if it stays so: cat /etc/pve/lxc/${vmid}.conf on its node` },
  );
}

/** Feeds a script to a shell in a container; otherwise as {@linkcode enter}. */
export function feedShell(
  ssh: SshTransport,
  vmid: number,
  script: string,
  options: EnterOptions,
): Promise<ExecResult> {
  const id = crypto.randomUUID();
  return enter(ssh, vmid, { id, stdin: () => announced(script, id) }, options);
}

/** A script that first says that it was reached. */
function announced(script: string, id: string): string {
  return `${announce(id)} || exit\n${script}`;
}

/** A shell in a container that was prepared before there was anything to do. */
export interface WaitingShell {
  /** True as long as a script can be given to it; otherwise another shell is needed. */
  readonly usable: boolean;
  /** True once the node waits in it for a script. */
  readonly begun: boolean;
  /** Gives it its script, once. Like {@linkcode feedShell} from there on. */
  run(script: string, options: EnterOptions): Promise<ExecResult>;
  /** Ends it without a script. */
  leave(): void;
}

/**
 * Prepares to enter a container for a script that comes later, while something else goes on, so
 * that on a slow connection only the script itself takes a round trip. Until then the node waits,
 * and not the container: that need not even run.
 *
 * @param access How the node enters it.
 */
export function enterAhead(ssh: SshTransport, vmid: number, access: Access): WaitingShell {
  const script = Promise.withResolvers<string>();
  const over = new AbortController();
  const stdout = new Kept("what the script prints", limits.bytes.output);
  const stderr = new Kept("what the script prints", limits.bytes.output);
  let onStdout = (chunk: Uint8Array): void => stdout.take(chunk);
  let onStderr = (chunk: Uint8Array): void => stderr.take(chunk);
  let usable = true;
  let begun = false;
  const id = crypto.randomUUID();
  const stdin = async function* (): AsyncGenerator<Uint8Array> {
    const text = announced(await script.promise, id);
    yield new TextEncoder().encode(goLine(access.same?.birth) + text);
  };
  const ended = enter(ssh, vmid, { id, waits: true, stdin }, {
    ...access,
    signal: over.signal,
    onBegun: () => begun = true,
    onStdout: (chunk) => onStdout(chunk),
    onStderr: (chunk) => onStderr(chunk),
  }).finally(() => usable = false);
  // Its failure is that of the script; without one it is none.
  ended.catch(() => {});
  return {
    get usable() {
      return usable;
    },
    get begun() {
      return begun;
    },
    async run(text, options) {
      usable = false;
      if (options.onStdout) onStdout = options.onStdout;
      if (options.onStderr) onStderr = options.onStderr;
      const { signal } = options;
      const giveUp = (): void => over.abort(signal?.reason);
      if (signal?.aborted) giveUp();
      signal?.addEventListener("abort", giveUp, { once: true });
      try {
        if (looksFirst(access)) await access.same?.look(signal);
        script.resolve(text);
        const { code, signal: name } = await ended;
        return { code, signal: name, stdout: stdout.bytes(), stderr: stderr.bytes() };
      } catch (error) {
        over.abort(error);
        throw error;
      } finally {
        signal?.removeEventListener("abort", giveUp);
      }
    },
    leave() {
      if (usable) over.abort(new Error("nothing was left to do"));
      usable = false;
    },
  };
}

/** True if a shell, or sudo, says that the node has no lxc-attach. */
export function lacksLxcAttach(said: string): boolean {
  return /^[^\n]*\blxc-attach: (command )?not found\s*$/m.test(said);
}

/** Warnings of sudo, after which it continues: names, limits, audit, locales. */
const SUDO_WARNS =
  /^sudo: (unable to (resolve host|send audit message|initialize policy plugin log)|(set|get)rlimit\b|.*\baudit\b|.*\blocale\b)/;

/** The words by which sudo refused, among what was printed; undefined where it only warned. */
export function sudoRefusal(said: string): string | undefined {
  return said.split(/\r*\n/).findLast((line) =>
    /^(sudo: |Sorry, user )/.test(line) && !SUDO_WARNS.test(line)
  );
}

/**
 * Why a container was not entered, by what was printed in its place. A warning of sudo may come
 * before the words that count.
 */
export function entryFailure(vmid: number, how: string, said: string): PxrunError {
  const lines = said.trim().split(/\r*\n/);
  const own = new RegExp(
    `^(lxc-attach: ${vmid}: |container '${vmid}' |Configuration file 'nodes/[^']*/${vmid}\\.conf')`,
  );
  const entry = lines.filter((line) => own.test(line));
  if (entry.some((line) => /Failed to get init pid|not running/.test(line))) {
    return new PxrunError("FAILED", `container ${vmid} does not run on this node`, {
      hint: `start it first: pct start ${vmid} on its node`,
    });
  }
  const refusal = sudoRefusal(said);
  if (refusal !== undefined && entry.length === 0) {
    return new PxrunError(
      "PERMISSION_DENIED",
      `the SSH user may not enter container ${vmid}: ${refusal}`,
      {
        hint: "let the user run lxc-attach and pct by sudo without a password, or log in as root",
      },
    );
  }
  const why = entry[0] ?? (lines.slice(-3).join("; ") || `it ended with ${how}`);
  return new PxrunError("FAILED", `cannot enter container ${vmid}: ${why}`, {
    hint: `does \`pct enter ${vmid}\` work on its node?`,
  });
}
