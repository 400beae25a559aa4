import { limits } from "../../core/limits.ts";
import { basename, dirname, join } from "node:path";
import type { Cluster } from "../../cluster/cluster.ts";
import { look } from "../../cluster/guests/reach.ts";
import { commandLine } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";
import { poll } from "../../core/poll.ts";
import type { Platform } from "../../core/platform.ts";
import { runInGuest } from "../../guest/session.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import type { LookOptions } from "../../actions/tailnet/own_node.ts";
import { recipeDirectory } from "../inspect/local_files.ts";

/**
 * The user who got a key: root, else the first that has one.
 *
 * @returns Undefined where no key was installed.
 */
export function userWithKey({ provisioning: { ssh_keys, users } }: Recipe): string | undefined {
  if (ssh_keys.length > 0) return "root";
  return users.find((user) => user.ssh_keys.length > 0)?.username;
}

/** A shell in the container by its own SSH server, to copy. */
export async function sshCommand(
  recipe: Recipe,
  user: string,
  address: string,
  platform: Pick<Platform, "cwd" | "home" | "privateFiles">,
): Promise<string> {
  const key = await privateKey(recipe, user, platform);
  return commandLine(["ssh", ...(key === undefined ? [] : ["-i", key]), `${user}@${address}`]);
}

/** The private half of the user's only key, where `ssh` would not try it by itself. */
async function privateKey(
  recipe: Recipe,
  user: string,
  platform: Pick<Platform, "cwd" | "home" | "privateFiles">,
): Promise<string | undefined> {
  const { ssh_keys, users } = recipe.provisioning;
  const keys = user === "root"
    ? ssh_keys
    : users.find(({ username }) => username === user)?.ssh_keys ?? [];
  const [key, ...others] = keys;
  if (others.length > 0 || typeof key !== "string" || !/^[^\s:]+\.pub$/.test(key)) return undefined;
  const { home } = platform;
  const directory = recipeDirectory(recipe, platform);
  const file = key.startsWith("~/") && home !== undefined
    ? join(home, key.slice(2, -".pub".length))
    : join(key.startsWith("/") ? "/" : directory, key.slice(0, -".pub".length));
  const isUsual = home !== undefined && dirname(file) === join(home, ".ssh") &&
    /^id_\w+$/.test(basename(file));
  if (isUsual) return undefined;
  const mode = await platform.privateFiles.mode(file).catch(() => undefined);
  return mode === undefined ? undefined : file;
}

/** A command on a node, to copy; undefined where no route is known. */
export async function nodeCommand(
  cluster: Cluster,
  node: string,
  command: readonly string[],
): Promise<string | undefined> {
  try {
    const { host, port, user, flags = [] } = await cluster.route(node);
    const at = port === 22 ? [] : ["-p", String(port)];
    const sudo = user === "root" ? [] : ["sudo"];
    return commandLine(["ssh", "-t", ...flags, ...at, `${user}@${host}`, ...sudo, ...command]);
  } catch (error) {
    if (error instanceof PxrunError) return undefined;
    throw error;
  }
}

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
        (ssh) => runInGuest(ssh, vmid, SCRIPT, { ...options, timeout: limits.guest.look }),
      );
      const word = new TextDecoder().decode(stdout).trim();
      return word === "installed" ? undefined : word === "listens";
    }, { clock, what: "the SSH server to listen", timeout: limits.create.sshServer, signal });
  } catch (error) {
    const code = error instanceof PxrunError ? error.code : undefined;
    if (code === undefined || code === "INTERRUPTED") throw error;
    return false;
  }
}
