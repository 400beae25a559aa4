import type { Connection } from "../../deps/ssh2.ts";

/**
 * Ends what was to decipher the packet that a connection has lost in the middle: ssh2 forgets
 * it, and Deno counts it as open until it is ended.
 */
export function endDecipher(connection: Connection): void {
  const path = ["_protocol", "_decipher", "_decipherInstance"];
  const found = path.reduce<unknown>(
    (value, key) => typeof value === "object" && value !== null ? Reflect.get(value, key) : value,
    connection,
  );
  if (typeof found !== "object" || found === null || !("final" in found)) return;
  try {
    if (typeof found.final === "function") found.final();
  } catch {
    // Half a packet is never authentic.
  }
}
