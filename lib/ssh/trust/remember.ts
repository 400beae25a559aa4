import { adviceOf } from "../../core/errors.ts";
import type { Files } from "../../core/world.ts";
import type { PresentedHostKey } from "./host_keys.ts";
import { hashHostName } from "./known_hosts.ts";

/**
 * Adds a host's key, which the user has found right, to a known_hosts file. Where that cannot be
 * written, the next time asks again.
 *
 * @param hashed Hide the host's name, as HashKnownHosts says.
 * @param warn Told that it cannot be written.
 */
export async function rememberHost(
  files: Pick<Files, "appendLine">,
  file: string,
  { host, line }: PresentedHostKey,
  hashed: boolean,
  warn?: (line: string) => void,
): Promise<void> {
  try {
    await files.appendLine(file, hashed ? hashHostName(host) + line.slice(host.length) : line);
  } catch (error) {
    warn?.(`the host key of ${host} is not remembered: ${adviceOf(error)}`);
  }
}
