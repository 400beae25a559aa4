import { type ErrorDetails, PxrunError } from "../core/errors.ts";
import type { SshTransport, Stdin } from "../ssh/client/transport.ts";
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
export type CopyOptions = Pick<CommandOptions, "clock" | "sudo" | "same" | "signal">;

/**
 * As `cp` does: into a folder, through a link, onto what is there. A mode is set before content comes,
 * and again in the end: root of an unprivileged container takes set-user-ID away by writing.
 */
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
cat >"$to" && allow`;

/**
 * Only after this is it sure that it can be read: then come the mode and the size of a file in a
 * line, then its content; or `folder`, then a tar archive.
 */
const PULL = `fail() { echo "$1" >&2; exit 1; }
case $1 in /*) ;; *) fail "not an absolute path: $1" ;; esac
if [ -d "$1" ]; then
command -v tar >/dev/null || fail "there is no tar in it, which copies folders"
cd "$1" || exit 1
echo folder
exec tar cf - .
fi
[ -f "$1" ] || fail "no such file: $1"
exec <"$1" || exit 1
facts=$(stat -Lc %a/%s "$1") || exit 1
echo "$facts"
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
  if (code !== 0) throw failure(`cannot write ${target}`, vmid, stderr);
}

/** Who takes what is read in a container. */
export interface PullTo {
  /** Told the permission bits of a file before anything of its content comes. */
  onMode(mode: number): void;
  /** Called with the number of bytes that a file had when it was opened; it may grow meanwhile. */
  onSize?(bytes: number): void;
  /** Told that what comes is a tar archive of a folder. */
  onFolder(): void;
  /** Sees it as it arrives. */
  onChunk(chunk: Uint8Array): void;
}

/** How a folder is written in a container. */
export interface PushFolder extends Pick<PushFile, "target" | "owner"> {
  /** What it is called where the target is a folder; `.`: what is in it goes there. */
  readonly name: string;
}

/** What the archive of a folder has: the folder, and in the end an empty file that says so. */
export const ARCHIVE = { folder: "tree", end: "whole" } as const;

/**
 * As `cp -r` does: into a folder that is there, under its name, else as the target. All of it comes
 * into a folder beside, so that what is cut off in the middle leaves nothing, and then takes its place
 * by renaming. Folders that are there stay what they are, also where links lead to them. What removes
 * the folder beside hears no signal: one may come while it is at it, since the archive ends with them.
 */
const PUSH_FOLDER = `fail() { echo "$1" >&2; exit 1; }
to=$1 name=$2 owner=$3 id=$4
case $to in /*) ;; *) fail "not an absolute path: $to" ;; esac
command -v tar >/dev/null || fail "there is no tar in it, which copies folders"
if [ -d "$to" ]; then
base=\${to%/}
to=$base/$name
else
[ ! -e "$to" ] || fail "is no folder: $to"
case $to in */) to=\${to%/} ;; esac
base=\${to%/*}
[ -d "$base/" ] || fail "no such folder: $base"
fi
[ ! -e "$to" ] || [ -d "$to" ] || fail "is no folder: $to"
umask 077
beside=$base/.pxrun-$id
trap 'trap "" HUP INT TERM; rm -rf "$beside"' EXIT
trap 'exit 143' HUP INT TERM
mkdir "$beside" || exit 1
if [ -n "$owner" ]; then
: >"$beside/owner"
chown -- "$owner" "$beside/owner" || exit 1
fi
tar xpf - -C "$beside" || fail "nothing of it is there"
[ -e "$beside/${ARCHIVE.end}" ] || fail "it was cut off; nothing of it is there"
[ -z "$owner" ] || chown -hR -- "$owner" "$beside/${ARCHIVE.folder}" || exit 1
trap '' HUP INT TERM
merge() {
for item in "$1"/* "$1"/.[!.]* "$1"/..?*; do
[ -e "$item" ] || [ -L "$item" ] || continue
if [ -d "$item" ] && [ ! -L "$item" ] && [ -d "$2/\${item##*/}" ]; then
merge "$item" "$2/\${item##*/}" || return 1
else
set -- "$@" "$item"
[ $# -lt 200 ] || { move "$@" && set -- "$1" "$2"; } || return 1
fi
done
[ $# -eq 2 ] || move "$@"
}
move() {
into=$2
shift 2
mv -f -- "$@" "$into/"
}
if [ -d "$to" ]; then
merge "$beside/${ARCHIVE.folder}" "$to" || fail "part of it is there"
else
mv -- "$beside/${ARCHIVE.folder}" "$to" || fail "nothing of it is there"
fi`;

/**
 * Writes a folder in a container: all of it, or nothing where none was.
 *
 * @param archive A tar archive with the parts of {@linkcode ARCHIVE}.
 * @throws {PxrunError} FAILED with what the container said.
 */
export async function pushFolder(
  ssh: SshTransport,
  vmid: number,
  { target, name, owner = "" }: PushFolder,
  archive: AsyncIterable<Uint8Array>,
  options: CopyOptions,
): Promise<void> {
  const argv = ["sh", "-c", PUSH_FOLDER, "sh", target, name, owner, crypto.randomUUID()];
  const { code, stderr } = await startInGuest(ssh, vmid, argv, { ...options, stdin: archive })
    .ended;
  if (code !== 0) throw failure(`cannot write ${target}`, vmid, stderr);
}

/**
 * Reads one file or folder of a container.
 *
 * @throws {PxrunError} FAILED with what the container said.
 */
export async function pullPath(
  ssh: SshTransport,
  vmid: number,
  source: string,
  { onMode, onSize, onFolder, onChunk }: PullTo,
  options: CopyOptions,
): Promise<void> {
  let folder = false;
  let line: string | undefined = "";
  const onStdout = (chunk: Uint8Array): void => {
    if (line === undefined) return onChunk(chunk);
    const end = chunk.indexOf(10);
    line += new TextDecoder().decode(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0 && line.length <= LONGEST_MODE) return;
    const facts = line;
    folder = line === "folder";
    line = undefined;
    if (folder) onFolder();
    else {
      const [, mode, size] = /^([0-7]{1,6})(?:\/(\d{1,15}))?$/.exec(facts) ?? [];
      if (mode === undefined) throw noMode(vmid, source, facts);
      if (size !== undefined) onSize?.(Number(size));
      onMode(parseInt(mode, 8));
    }
    if (end + 1 < chunk.length) onChunk(chunk.subarray(end + 1));
  };
  const argv = ["sh", "-c", PULL, "sh", source];
  const { code, stderr } = await startInGuest(ssh, vmid, argv, { ...options, onStdout }).ended;
  if (code === 0 || folder && code === 1 && onlyChanged(stderr)) return;
  throw failure(`cannot read ${source}`, vmid, stderr);
}

/** More than any mode and size have, and than `folder`. */
const LONGEST_MODE = 24;

function noMode(vmid: number, source: string, line: string): PxrunError {
  const said = JSON.stringify(line.slice(0, LONGEST_MODE));
  return new PxrunError(
    "FAILED",
    `cannot read ${source} in container ${vmid}: ${said} stands where its mode should`,
    {
      hint: "a shell in it has to print a mode, and nothing else",
      remedies: [{ kind: "exec", container: vmid, argv: ["sh", "-c", "stat -Lc %a FILE"] }],
    },
  );
}

/** GNU tar's word for what was written to, or removed, while it was read. */
function onlyChanged(stderr: Uint8Array): boolean {
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  return lines.every((line) =>
    / (file changed as we read it|File removed before we read it|socket ignored)$/.test(line)
  );
}

/** What helps against what the scripts above say themselves. */
const ADVICE: readonly (readonly [
  words: string,
  advice: (path: string, container: number) => Pick<ErrorDetails, "hint" | "remedies">,
])[] = [
  ["not an absolute path: ", () => ({ hint: "a path in a container begins with /" })],
  ["is a folder: ", () => ({ hint: "name the file in it as well" })],
  [
    "no such folder: ",
    (path, container) => ({
      hint: "make it first",
      remedies: [{ kind: "exec", container, argv: ["mkdir", "-p", path] }],
    }),
  ],
  ["there is no tar in it", (_, container) => ({
    hint: "add `packages: [tar]` to its recipe",
    remedies: [{ kind: "provision", container }],
  })],
];

function failure(what: string, vmid: number, stderr: Uint8Array): PxrunError {
  const said = new TextDecoder().decode(stderr).trim().replace(/^sh: (\d+: |line \d+: )?/, "");
  const [words = "", advice] = ADVICE.find(([words]) => said.startsWith(words)) ?? [];
  const why = said.replaceAll("\n", "; ") || "it was ended";
  return new PxrunError("FAILED", `${what} in container ${vmid}: ${why}`, {
    ...advice?.(said.slice(words.length), vmid),
  });
}
