import { PxrunError } from "../../core/errors.ts";
import { poll } from "../../core/poll.ts";
import { runInGuest } from "../../guest/session.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import { look } from "../../cluster/guests/reach.ts";
import type { LookOptions } from "../tailnet/own_node.ts";

/** How long a look inside may take, in milliseconds. */
const LOOK_MS = 20_000;
/** How long a server that is installed may take to listen. */
const STARTING_MS = 5_000;

/**
 * Prints `listens` where something takes connections at port 22 from outside, else `installed` where
 * there is an SSH server that may still be starting. The kernel's own list needs no program.
 */
const SCRIPT = `
for list in /proc/net/tcp /proc/net/tcp6; do
  [ -r "$list" ] || continue
  while read -r _ local _ state _; do
    case "$local $state" in
      0100007F:*|00000000000000000000000001000000:*) ;;
      *":0016 0A") echo listens; exit 0 ;;
    esac
  done <"$list"
done
if command -v sshd >/dev/null 2>&1 || [ -x /usr/sbin/sshd ]; then echo installed; fi
exit 0
`;

/**
 * True if a container takes SSH connections. Not known, for whatever reason, is not.
 *
 * @param open Connects to the node, also once more: a connection may be lost meanwhile.
 */
export async function hasSshServer(
  open: () => Promise<SshTransport>,
  vmid: number,
  options: LookOptions,
): Promise<boolean> {
  const { clock, signal } = options;
  try {
    return await poll(async () => {
      const { stdout } = await look(
        open,
        (ssh) => runInGuest(ssh, vmid, SCRIPT, { ...options, timeout: LOOK_MS }),
      );
      const word = new TextDecoder().decode(stdout).trim();
      return word === "installed" ? undefined : word === "listens";
    }, { clock, what: "the SSH server to listen", timeout: STARTING_MS, signal });
  } catch (error) {
    const code = error instanceof PxrunError ? error.code : undefined;
    if (code === undefined || code === "INTERRUPTED") throw error;
    return false;
  }
}
