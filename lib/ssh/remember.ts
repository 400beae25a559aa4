import type { Files } from "../core/world.ts";
import type { PresentedHostKey } from "./host_keys.ts";
import { hashHostName } from "./known_hosts.ts";

/**
 * Adds a host's key, which the user has found right, to a known_hosts file.
 *
 * @param hashed Hide the host's name, as HashKnownHosts says.
 */
export async function rememberHost(
  files: Pick<Files, "appendLine">,
  file: string,
  { host, line }: PresentedHostKey,
  hashed: boolean,
): Promise<void> {
  await files.appendLine(file, hashed ? hashHostName(host) + line.slice(host.length) : line);
}
