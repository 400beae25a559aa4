import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { afterMarkers, announce } from "../ssh/client/marker.ts";
import {
  type Entry,
  entryCommand,
  entryFailure,
  lacksLxcAttach,
  waitingCommand,
} from "./attach.ts";

/** Connections to nodes that turned out to have only `pct`. */
const withoutLxcAttach = new WeakSet<SshTransport>();

/** Which program enters containers over this connection. */
export function entryOf(ssh: SshTransport): Entry {
  return withoutLxcAttach.has(ssh) ? "pct" : "lxc-attach";
}

/** Whether a command that was not started is to be tried by `pct`, as the node has nothing else. */
export function triesPct(ssh: SshTransport, entry: Entry, said: string): boolean {
  const tries = entry === "lxc-attach" && lacksLxcAttach(said);
  if (tries) withoutLxcAttach.add(ssh);
  return tries;
}

/** How to enter a container. */
export interface EnterOptions extends Pick<ExecOptions, "onBegun" | "onStdout" | "onStderr"> {
  /** Ends the channel, not the script. */
  readonly signal?: AbortSignal | undefined;
  /** The SSH user is not root. */
  readonly sudo?: boolean;
}

/**
 * Feeds a script to a shell in the container, by whichever program the node has for that. Only
 * what the container's shell says itself tells that it was entered, and is output.
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
  const { signal, onBegun, sudo = false, onStdout, onStderr } = options;
  const id = crypto.randomUUID();
  const streams = afterMarkers(id, {
    ...(onStdout && { onStdout }),
    ...(onStderr && { onStderr }),
  });
  const command = entryCommand(vmid, entry, sudo);
  const waits = typeof script !== "string";
  const { code, signal: name } = await ssh.exec(waits ? waitingCommand(command) : command, {
    stdin: waits ? oncePromised(script, id) : announced(script, id),
    signal,
    ...(onBegun && { onBegun }),
    onStdout: streams.onStdout,
    onStderr: streams.onStderr,
  });
  if (streams.begun) {
    return { code, signal: name, stdout: streams.stdout, stderr: streams.stderr };
  }
  const said = streams.said();
  if (triesPct(ssh, entry, said)) return await enter(ssh, vmid, script, options);
  throw entryFailure(vmid, name ?? `${code}`, said);
}

/** A script that says first that it was reached. */
function announced(script: string, id: string): string {
  return `${announce(id)} || exit\n${script}`;
}

async function* oncePromised(script: Promise<string>, id: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(`go\n${announced(await script, id)}`);
}
