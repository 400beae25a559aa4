import type { PxrunError } from "../core/errors.ts";
import type { ExecResult, SshTransport } from "../ssh/transport.ts";
import {
  type Entry,
  entryCommand,
  entryFailure,
  lacksLxcAttach,
  notEnterable,
  waitingCommand,
} from "./attach.ts";

/** How much of standard error tells the entry program's failures: their messages come first. */
const HEAD_LENGTH = 4096;

/** Connections to nodes that turned out to have only `pct`. */
const withoutLxcAttach = new WeakSet<SshTransport>();

/** Which program enters containers over this connection. */
export function entryOf(ssh: SshTransport): Entry {
  return withoutLxcAttach.has(ssh) ? "pct" : "lxc-attach";
}

/** Remembers that the node has only `pct`. */
function hasNoLxcAttach(ssh: SshTransport): void {
  withoutLxcAttach.add(ssh);
}

/** Whether a command that was not started is to be tried by `pct`, as the node has nothing else. */
export function triesPct(ssh: SshTransport, entry: Entry, said: string): boolean {
  const tries = entry === "lxc-attach" && lacksLxcAttach(said);
  if (tries) hasNoLxcAttach(ssh);
  return tries;
}

/** Why a container was not entered, by what the program that should do it said. */
export function notEntered(
  vmid: number,
  { code, signal }: Pick<ExecResult, "code" | "signal">,
  said: string,
): PxrunError {
  return entryFailure(vmid, { code, printed: false, stderr: said }) ??
    notEnterable(vmid, said.trim() || `it ended with ${code ?? signal}`);
}

/** How to enter a container. */
export interface EnterOptions {
  /** Ends the channel, not the script. */
  readonly signal?: AbortSignal | undefined;
  /** Sees standard output as it arrives; the result then holds none of it. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  /** Sees standard error as it arrives; the result then holds none of it. */
  readonly onStderr?: (chunk: Uint8Array) => void;
  /** The SSH user is not root. */
  readonly sudo?: boolean;
}

/**
 * Feeds a script to a shell in the container, by whichever program the node has for that.
 *
 * @param script The container is entered once there is one; until then the node waits.
 * @throws {PxrunError} PERMISSION_DENIED or FAILED when the container could not be entered;
 * UNREACHABLE when the connection dropped.
 */
export async function enter(
  ssh: SshTransport,
  vmid: number,
  script: string | Promise<string>,
  options: EnterOptions,
): Promise<ExecResult> {
  const entry = entryOf(ssh);
  const { signal, sudo = false, onStdout, onStderr } = options;
  const decoder = new TextDecoder();
  const errors: Uint8Array[] = [];
  let head = "";
  let printed = false;
  const command = entryCommand(vmid, entry, sudo);
  const waits = typeof script !== "string";
  const result = await ssh.exec(waits ? waitingCommand(command) : command, {
    stdin: waits ? oncePromised(script) : script,
    signal,
    ...(onStdout && {
      onStdout: (chunk): void => {
        printed = true;
        onStdout(chunk);
      },
    }),
    onStderr: (chunk): void => {
      if (head.length < HEAD_LENGTH) head += decoder.decode(chunk, { stream: true });
      if (onStderr === undefined) errors.push(chunk);
      else if (!lacksLxcAttach(head)) onStderr(chunk);
    },
  });
  printed ||= result.stdout.length > 0;
  if (result.code !== 0 && !printed && triesPct(ssh, entry, head)) {
    return enter(ssh, vmid, script, options);
  }
  const failure = entryFailure(vmid, { code: result.code, printed, stderr: head });
  if (failure) throw failure;
  return { ...result, stderr: concat(errors) };
}

async function* oncePromised(script: Promise<string>): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(`go\n${await script}`);
}

/** Pieces of a whole. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
