import { commandLine } from "../core/argv.ts";
import { later } from "../ssh/client/later.ts";
import { afterMarkers, announce } from "../ssh/client/marker.ts";
import type { ExecResult, Pty, SshTransport } from "../ssh/client/transport.ts";
import { entryCommand, entryFailure } from "./attach.ts";
import { entryOf, triesPct } from "./enter.ts";

/** The terminal of a shell, and what ends it. */
export interface GuestShellOptions {
  readonly pty: Pty;
  /** What is typed; nothing is taken from it before the shell is there. */
  readonly keys: AsyncIterable<Uint8Array>;
  /** Sees what is to be shown. */
  readonly onOutput: (chunk: Uint8Array) => void;
  /** Called when the container was entered: from now on keys are the shell's. */
  readonly onBegun: () => void;
  /** The SSH user is not root. */
  readonly sudo: boolean;
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
  const { pty, keys, onOutput, onBegun, sudo, signal } = options;
  const entry = entryOf(ssh);
  const marker = `pxrun-shell-${crypto.randomUUID()}`;
  const begun = Promise.withResolvers<void>();
  const attempt = new AbortController();
  const output = afterMarkers(marker, {
    onBegun() {
      onBegun();
      begun.resolve();
    },
    onStdout: onOutput,
  });
  const words = commandLine(["sh", "-c", LOGIN, marker, pty.term]);
  const ended = await ssh.exec(entryCommand(vmid, entry, sudo, words), {
    pty,
    stdin: later(begun.promise, attempt.signal, keys),
    onStdout: output.onStdout,
    signal,
  }).finally(() => {
    attempt.abort();
    begun.resolve();
  });
  if (output.begun) return ended;
  const said = output.said().replaceAll(/\r+\n/g, "\n");
  if (triesPct(ssh, entry, said)) return await shellInGuest(ssh, vmid, options);
  throw entryFailure(vmid, ended.signal ?? `${ended.code}`, said);
}
