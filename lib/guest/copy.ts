import { type ErrorDetails, PxrunError } from "../core/errors.ts";
import type { SshTransport, Stdin } from "../ssh/client/transport.ts";
import { type CommandOptions, startInGuest } from "./command.ts";

/**
 * Options for a file that is pushed into a container.
 *
 * @category Containers
 */
export interface PushOptions {
  /** Its name where the target is a directory; absent: the target cannot be one. */
  readonly name?: string | undefined;
  /** Octal: `0644` (default: the mode of the existing file, or 0644). */
  readonly mode?: string | undefined;
  /** `user`, `user:group` or their numbers (default: the owner of the existing file, or root). */
  readonly owner?: string | undefined;
  /** Cancels it; what has arrived stays. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Receiver of a file from a container.
 *
 * @category Containers
 */
export interface PullOptions {
  /** Called with the permission bits before the content comes. */
  readonly onMode?: (mode: number) => void;
  /** Called with the number of bytes that a file has, before its content comes; it may grow. */
  readonly onSize?: (bytes: number) => void;
  /** Called before the tar archive of a directory comes. Absent: a directory is refused. */
  readonly onDirectory?: () => void;
  /** Sees the content as it arrives. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Cancels it. */
  readonly signal?: AbortSignal | undefined;
}

/** Options for entering a container to copy. */
export type CopyOptions = Pick<CommandOptions, "clock" | "sudo" | "same">;

/** Says why it ends; the target that every script has is absolute. */
const BEGIN = `fail() { echo "$1" >&2; exit 1; }
to=$1
case $to in /*) ;; *) fail "not an absolute path: $to" ;; esac
`;

/**
 * As `cp` does: into a directory, through a link, onto an existing file. A mode is set before content
 * comes, and again in the end: root of an unprivileged container takes set-user-ID away by writing.
 */
const PUSH = `${BEGIN}name=$2 mode=$3 owner=$4
if [ -d "$to" ]; then
[ -n "$name" ] || fail "is a directory: $to"
to=\${to%/}/$name
[ ! -d "$to" ] || fail "is a directory: $to"
fi
case $to in */) fail "no such directory: $to" ;; esac
[ -d "\${to%/*}/" ] || fail "no such directory: \${to%/*}"
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
 * line, then its content; or `directory`, then a tar archive.
 */
const PULL = `${BEGIN}if [ -d "$to" ]; then
command -v tar >/dev/null || fail "there is no tar in it, which copies directories"
cd "$to" || exit 1
echo directory
exec tar cf - .
fi
[ -f "$to" ] || fail "no such file: $to"
exec <"$to" || exit 1
facts=$(stat -Lc %a/%s "$to") || exit 1
echo "$facts"
exec cat`;

/**
 * As `cp -r` does: into an existing directory, under its name, else as the target. A directory that
 * exists is extracted to in place, which a line says first; a new one takes its name once it is
 * whole. What removes it before that hears no signal: one may come while it is at it, since the
 * archive ends with them. GNU's tar would give existing directories other modes, and replace links
 * that lead to one.
 */
const PUSH_DIRECTORY = `${BEGIN}name=$2 mode=$3 owner=$4 end=$5
command -v tar >/dev/null || fail "there is no tar in it, which copies directories"
base=\${to%/}
if [ -d "$to" ]; then
to=$base/$name
else
to=$base
base=\${base%/*}
[ -d "$base/" ] || fail "no such directory: $base"
fi
umask 022
into=$to left="part of it is there"
if [ ! -d "$to" ]; then
[ ! -e "$to" ] || fail "is not a directory: $to"
into=$base/$end left="nothing of it is there"
trap 'trap "" HUP INT TERM; rm -rf "$into"' EXIT
trap 'exit 143' HUP INT TERM
mkdir -m 700 "$into" || exit 1
fi
if [ -n "$owner" ]; then
: >"$into/$end" && chown -- "$owner" "$into/$end" || { rm -f "$into/$end"; exit 1; }
rm -f "$into/$end"
fi
keep=
case $(tar --version 2>/dev/null) in *GNU*) keep="--no-overwrite-dir --keep-directory-symlink" ;; esac
[ "$into" != "$to" ] || echo
end=$into/$end
tar xpf - -C "$into" $keep || { rm -f "$end"; fail "$left"; }
[ -e "$end" ] || fail "it was cut off; $left"
rm -f "$end"
[ "$into" != "$to" ] || exit 0
trap '' HUP INT TERM
[ -z "$owner" ] || chown -- "$owner" "$into" || exit 1
chmod "$mode" "$into" && mv -- "$into" "$to" || fail "$left"`;

/**
 * Writes one file in a container.
 *
 * @throws {PxrunError} FAILED with what the container printed.
 */
export async function pushFile(
  ssh: SshTransport,
  vmid: number,
  content: Stdin,
  target: string,
  { name = "", mode = "", owner = "", signal, ...options }: PushOptions & CopyOptions,
): Promise<void> {
  const argv = ["sh", "-c", PUSH, "sh", target, name, mode, owner];
  const { code, stderr } = await startInGuest(ssh, vmid, argv, {
    ...options,
    signal,
    stdin: content,
  }).ended;
  if (code !== 0) throw failure(`cannot write ${target}`, vmid, stderr);
}

/** A directory as it is written in a container. */
export interface DirectoryArchive {
  /** Its mode, in octal. */
  readonly mode: string;
  /** That of all in it: `user`, `user:group` or numbers; absent: root. */
  readonly owner?: string | undefined;
  /** A tar archive of what is in it, and last of an empty file with the name {@linkcode end}. */
  readonly content: AsyncIterable<Uint8Array>;
  /** A name that nothing in it has. */
  readonly end: string;
}

/**
 * Writes a directory in a container: all of it, or nothing where none was.
 *
 * @param options Its name where the target is a directory: `.` for its contents.
 * @throws {PxrunError} FAILED with what the container printed, and whether part of it is there.
 */
export async function pushArchive(
  ssh: SshTransport,
  vmid: number,
  { mode, owner = "", content, end }: DirectoryArchive,
  target: string,
  { name = "", signal, ...options }: Pick<PushOptions, "name" | "signal"> & CopyOptions,
): Promise<void> {
  const argv = ["sh", "-c", PUSH_DIRECTORY, "sh", target, name, mode, owner, end];
  let inPlace = false;
  const command = startInGuest(ssh, vmid, argv, {
    ...options,
    signal,
    stdin: content,
    onStdout: () => inPlace = true,
  });
  const { code, stderr } = await command.ended.catch((error) => {
    throw inPlace ? partly(error, `${target} in container ${vmid}`) : error;
  });
  if (code !== 0) throw failure(`cannot write ${target}`, vmid, stderr);
}

/** The same error, which says that part of what was copied is there. */
export function partly(error: unknown, target: string): unknown {
  if (!(error instanceof PxrunError)) return error;
  const { code, message, hint, remedies } = error;
  const more = { hint, remedies, cause: error };
  return new PxrunError(code, `${message}; part of it is in ${target}`, more);
}

/**
 * Reads one file or directory of a container.
 *
 * @throws {PxrunError} FAILED with what the container printed.
 */
export async function pullPath(
  ssh: SshTransport,
  vmid: number,
  source: string,
  { onMode, onSize, onDirectory, onChunk, ...options }: PullOptions & CopyOptions,
): Promise<void> {
  let directory = false;
  let line: string | undefined = "";
  const onStdout = (chunk: Uint8Array): void => {
    if (line === undefined) return onChunk(chunk);
    const end = chunk.indexOf(10);
    line += new TextDecoder().decode(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0 && line.length <= LONGEST_MODE) return;
    const facts = line;
    directory = line === "directory";
    line = undefined;
    if (directory) onDirectory?.();
    else {
      const [, mode, size] = /^([0-7]{1,6})(?:\/(\d{1,15}))?$/.exec(facts) ?? [];
      if (mode === undefined) throw noMode(vmid, source, facts);
      if (size !== undefined) onSize?.(Number(size));
      onMode?.(parseInt(mode, 8));
    }
    if (end + 1 < chunk.length) onChunk(chunk.subarray(end + 1));
  };
  const argv = ["sh", "-c", PULL, "sh", source];
  const { code, stderr } = await startInGuest(ssh, vmid, argv, { ...options, onStdout }).ended;
  if (code === 0 || directory && code === 1 && onlyChanged(stderr)) return;
  throw failure(`cannot read ${source}`, vmid, stderr);
}

/** More than any mode and size have, and than `directory`. */
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

/** Hints for errors that the scripts above print. */
const ADVICE: readonly (readonly [
  words: string,
  advice: (path: string, container: number) => Pick<ErrorDetails, "hint" | "remedies">,
])[] = [
  ["not an absolute path: ", () => ({ hint: "a path in a container begins with /" })],
  ["is a directory: ", () => ({ hint: "name the file in it as well" })],
  [
    "no such directory: ",
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
