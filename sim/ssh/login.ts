import { timingSafeEqual } from "node:crypto";
import type { AuthContext, ParsedKey } from "../../deps/ssh2.ts";
import type { SshUser } from "./types.ts";

/** Accepts a user that exists with the one key, or with a password where there is one. */
export function authenticate(
  context: AuthContext,
  users: readonly SshUser[],
  key: ParsedKey,
): void {
  const user = users.find(({ name }) => name === context.username);
  const methods: ("publickey" | "password")[] = ["publickey"];
  if (user?.password !== undefined) methods.push("password");
  if (user !== undefined && context.method === "publickey") {
    const known = key.getPublicSSH();
    const offered = context.key.data;
    const same = context.key.algo === key.type && offered.length === known.length &&
      timingSafeEqual(offered, known);
    const { blob, signature, hashAlgo } = context;
    // Without a signature the client only asks whether the key would do.
    const proven = signature === undefined ||
      (blob !== undefined && key.verify(blob, signature, hashAlgo) === true);
    if (same && proven) return context.accept();
  }
  if (context.method === "password" && user?.password === context.password) {
    return context.accept();
  }
  context.reject(methods);
}
