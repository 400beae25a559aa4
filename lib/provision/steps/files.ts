import { quote } from "../../core/argv.ts";
import type { Step } from "../step.ts";
import { bytesOf, type Content, emit, invalid, secretsIn } from "./values.ts";

/** A file to have, with its content at hand. */
export interface FileWish {
  /** Absolute. */
  readonly path: string;
  /** All of it. */
  readonly content: Content;
  /** Octal: `0644`. */
  readonly mode: string;
  /** `user` or `user:group`, by name or number; without a group, the user's own. */
  readonly owner: string;
}

/**
 * Has a file with exactly this content, mode and owner. It is written beside its place and
 * renamed, so nobody sees half of it, and a link there is replaced, not followed. The check
 * carries only a hash.
 *
 * @param id The step's id: `files[0]`.
 * @throws {PxrunError} INVALID_RECIPE for a path, mode or owner that no file can have.
 */
export async function fileStep(id: string, wish: FileWish): Promise<Step> {
  const { path, owner } = wish;
  validate(id, wish);
  const bytes = bytesOf(wish.content);
  const mode = Number.parseInt(wish.mode, 8).toString(8);
  const [user = "", group] = owner.split(":");
  const named = !isNumber(user) && user !== "root";
  const [groupFormat, groupValue] = group === undefined
    ? ["", ""]
    : [isNumber(group) ? " %g" : " %G", ` ${group}`];
  const has = (format: string, value: string): string =>
    `has '%a ${format}${groupFormat}' "${mode} ${value}${groupValue}"`;
  // The number decides; a name is quicker to ask for, and may be one of two for it.
  const owned = named
    ? `${has("%U", user)} || ${has("%u", `$(id -u ${user} 2>/dev/null)`)}`
    : has("%u", user === "root" ? "0" : user);
  return {
    id,
    kind: "files",
    title: `file ${path.replace(/\p{Cc}/gu, "?")}`,
    check: `f=${quote(path)}
[ -f "$f" ] && [ ! -h "$f" ] || exit 1
has() { [ "$(stat -c "$1" "$f")" = "$2" ]; }
${owned} || exit 1
[ "$(sha256sum <"$f")" = '${await sha256(bytes)}  -' ]`,
    act: `f=${quote(path)} directory=${quote(path.slice(0, path.lastIndexOf("/") + 1))}
fail() { echo "$*" >&2; exit 1; }
[ ! -d "$f" ] || fail "$f is a directory; it is not replaced by a file"
${named ? `id -u ${user} >/dev/null 2>&1 || fail "there is no user ${user} to own $f"` : ""}
mkdir -p "$directory" || fail "cannot make the directory $directory"
new=
trap 'trap "" HUP INT TERM; rm -f "$new"' EXIT
trap 'exit 143' HUP INT TERM
new=$(mktemp "$directory.pxrun.XXXXXX") || fail "cannot write in $directory"
${emit(bytes)} >"$new" || fail "cannot write $f"
${chown(user, group)} || fail "cannot give $f to ${owner}"
chmod ${mode} "$new" && mv -f "$new" "$f" || fail "cannot put $f in place"`,
    timeout: 120_000,
    continueOnError: false,
    secrets: secretsIn([wish.content]),
  };
}

/** Before chmod, since it takes away setuid. A bare number may have no group of its own. */
function chown(user: string, group: string | undefined): string {
  if (group !== undefined) return `chown ${user}:${group} "$new"`;
  return isNumber(user) ? `chown ${user} "$new"` : `chown ${user}: "$new"`;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())).toHex();
}

const OWNER = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/;

function validate(id: string, { path, mode, owner }: FileWish): void {
  const shown = JSON.stringify(path);
  if (!/^\/.*[^/]$/s.test(path) || path.includes("\0")) {
    throw invalid(`${id}: ${shown} is not the absolute path of a file`);
  }
  if (!/^[0-7]{3,4}$/.test(mode)) {
    throw invalid(`${id}: the mode ${mode} of ${shown} is not octal`, 'write it as "0644"');
  }
  if (!OWNER.test(owner)) {
    throw invalid(`${id}: ${shown} cannot be owned by ${owner}`, 'write it as "user:group"');
  }
}
