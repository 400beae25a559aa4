import { commandLine } from "../core/argv.ts";
import { later } from "../ssh/client/stdin.ts";
import { announce } from "../ssh/client/marker.ts";
import type { ExecResult, Pty, SshTransport, Stdin } from "../ssh/client/transport.ts";
import { type Access, enter } from "./enter.ts";

/** The terminal of a shell, and what ends it. */
export interface GuestShellOptions extends Access {
  readonly pty: Pty;
  /** Typed input; nothing is taken from it before the shell is there. */
  readonly keys: AsyncIterable<Uint8Array>;
  /** Sees what is to be shown. */
  readonly onOutput: (chunk: Uint8Array) => void;
  /** Called when the container was entered: from now on keys are the shell's. */
  readonly onBegun: () => void;
  /** Hangs up. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Becomes root's own shell as a login does: the terminal's kind, home, locale. Accounts that
 * nobody may log in to have programs for a shell that only end.
 */
const LOGIN = `TERM=$1 USER=root LOGNAME=root HOME=/root SHELL=
while IFS=: read -r name _ _ _ _ home shell; do
[ "$name" != root ] || HOME=$home SHELL=$shell
done </etc/passwd
[ -x "$SHELL" ] || SHELL=/bin/sh
case $SHELL in */nologin|*/false|*/true) SHELL=/bin/sh ;; esac
set -a
for file in /etc/locale.conf /etc/default/locale; do
[ ! -r "$file" ] || . "$file"
done
set +a
export TERM USER LOGNAME HOME SHELL
cd "$HOME" || cd /
${announce('"$0"')} || exit
exec "$SHELL" -l`;

/**
 * Runs a login shell as root in a container, on a terminal, to its end.
 *
 * @throws {PxrunError} PERMISSION_DENIED or FAILED when the container could not be entered;
 * UNREACHABLE when the connection dropped.
 */
export async function shellInGuest(
  ssh: SshTransport,
  vmid: number,
  options: GuestShellOptions,
): Promise<Pick<ExecResult, "code" | "signal">> {
  const { pty, keys, onOutput, onBegun, sudo, same, signal } = options;
  const id = `pxrun-shell-${crypto.randomUUID()}`;
  const words = commandLine(["sh", "-c", LOGIN, id, pty.term]);
  const stdin = (begun: Promise<void>, over: AbortSignal): Stdin => later(begun, over, keys);
  return await enter(ssh, vmid, { id, words, stdin }, {
    pty,
    sudo,
    same,
    signal,
    onEntered: onBegun,
    onStdout: onOutput,
  });
}
