import { PxrunError } from "../core/errors.ts";
import type { SshTransport, Stdin } from "../ssh/transport.ts";
import { type CommandOptions, startInGuest } from "./command.ts";

/** How a file is written in a container. */
export interface PushFile {
  readonly target: string;
  /** What it is called where the target is a folder; absent: the target cannot be one. */
  readonly name?: string | undefined;
  /** Octal: `0644`. Absent: the mode of what is there, else 0644. */
  readonly mode?: string | undefined;
  /** `user`, `user:group` or numbers; absent: the owner of what is there, else root. */
  readonly owner?: string | undefined;
}

/** What both ways need. */
export type CopyOptions = Pick<CommandOptions, "clock" | "sudo" | "signal">;

/** As `cp` does: into a folder, through a link, onto what is there. A mode is set before content comes. */
const PUSH = `fail() { echo "$1" >&2; exit 1; }
to=$1 name=$2 mode=$3 owner=$4
case $to in /*) ;; *) fail "not an absolute path: $to" ;; esac
if [ -d "$to" ]; then
[ -n "$name" ] || fail "is a folder: $to"
to=\${to%/}/$name
[ ! -d "$to" ] || fail "is a folder: $to"
fi
case $to in */) fail "no such folder: $to" ;; esac
[ -d "\${to%/*}/" ] || fail "no such folder: \${to%/*}"
umask 022
new=
[ -e "$to" ] || new=$to
: >>"$to" || exit 1
own() { [ -z "$owner" ] || chown -- "$owner" "$to"; }
allow() { [ -z "$mode" ] || chmod "$mode" "$to"; }
own && allow || { [ -z "$new" ] || rm -f "$new"; exit 1; }
cat >"$to"`;

/** Only after this is it sure that the file can be read: then comes its mode in a line, then its content. */
const PULL = `fail() { echo "$1" >&2; exit 1; }
case $1 in /*) ;; *) fail "not an absolute path: $1" ;; esac
[ ! -d "$1" ] || fail "is a folder: $1"
[ -f "$1" ] || fail "no such file: $1"
exec <"$1" || exit 1
mode=$(stat -Lc %a "$1") || exit 1
echo "$mode"
exec cat`;

/**
 * Writes one file in a container.
 *
 * @throws {PxrunError} FAILED with what the container said.
 */
export async function pushFile(
  ssh: SshTransport,
  vmid: number,
  { target, name = "", mode = "", owner = "" }: PushFile,
  content: Stdin,
  options: CopyOptions,
): Promise<void> {
  const argv = ["sh", "-c", PUSH, "sh", target, name, mode, owner];
  const { code, stderr } = await startInGuest(ssh, vmid, argv, { ...options, stdin: content })
    .ended;
  if (code !== 0) throw failure(`cannot write ${target} in container ${vmid}`, stderr);
}

/**
 * Reads one file of a container.
 *
 * @param onMode Told the permission bits before anything of the content comes.
 * @param onChunk Sees the content as it arrives.
 * @throws {PxrunError} FAILED with what the container said.
 */
export async function pullFile(
  ssh: SshTransport,
  vmid: number,
  source: string,
  onMode: (mode: number) => void,
  onChunk: (chunk: Uint8Array) => void,
  options: CopyOptions,
): Promise<void> {
  let line: string | undefined = "";
  const onStdout = (chunk: Uint8Array): void => {
    if (line === undefined) return onChunk(chunk);
    const end = chunk.indexOf(10);
    line += new TextDecoder().decode(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0) return;
    onMode(parseInt(line, 8));
    line = undefined;
    if (end + 1 < chunk.length) onChunk(chunk.subarray(end + 1));
  };
  const argv = ["sh", "-c", PULL, "sh", source];
  const { code, stderr } = await startInGuest(ssh, vmid, argv, { ...options, onStdout }).ended;
  if (code !== 0) throw failure(`cannot read ${source} in container ${vmid}`, stderr);
}

function failure(what: string, stderr: Uint8Array): PxrunError {
  const said = new TextDecoder().decode(stderr).trim().replace(/^sh: (\d+: |line \d+: )?/, "");
  return new PxrunError("FAILED", `${what}: ${said || "it was ended"}`);
}
