import { join } from "node:path";
import type { SshServers } from "./ssh/mod.ts";

/** A directory with what an SSH client needs to reach the nodes. */
export interface CredentialsDirectory {
  /** The variables that point pxrun at it. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/**
 * Writes the client's key and the nodes' host keys where only this user can read them.
 *
 * @param servers Whose they are.
 * @param dir Where the directory is made; by default among the temporary files.
 */
export async function writeCredentials(
  servers: SshServers,
  dir?: string,
): Promise<CredentialsDirectory> {
  const directory = await Deno.makeTempDir({
    prefix: "pxrun-simulator-",
    ...(dir === undefined ? {} : { dir }),
  });
  const key = join(directory, "id_ed25519");
  const knownHosts = join(directory, "known_hosts");
  const nodes = Object.entries(servers.nodes);
  await Deno.writeTextFile(key, servers.privateKey, { mode: 0o600 });
  await Deno.writeTextFile(knownHosts, nodes.map(([, node]) => `${node.hostKey}\n`).join(""));
  return {
    env: {
      PXRUN_SSH_NODES: nodes
        .map(([name, { host, port }]) => `${name}=${servers.user}@${host}:${port}`).join(","),
      PXRUN_KNOWN_HOSTS: knownHosts,
      // A `Host *` of the user's, with a jump host or keys, is not meant for a simulated node.
      PXRUN_SSH_CONFIG: "none",
      SSH_KEY_PATH: key,
    },
    remove: () => Deno.remove(directory, { recursive: true }),
  };
}
