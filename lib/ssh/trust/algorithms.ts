import type { Algorithms, ServerHostKeyAlgorithm } from "../../../deps/ssh2.ts";

/** Signatures by which a key of each type proves itself. SHA-1 is left out. */
const signatures: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/**
 * Host key algorithms to offer to a host. Left out are `ecdh-sha2-nistp521` and
 * `zlib@openssh.com`, which throw in ssh2 on Deno, and everything with SHA-1.
 *
 * @param hostKeyTypes The types of host keys to ask for, in this order.
 */
export function offer(hostKeyTypes: readonly string[]): Algorithms {
  return {
    kex: [
      "curve25519-sha256",
      "curve25519-sha256@libssh.org",
      "ecdh-sha2-nistp256",
      "ecdh-sha2-nistp384",
      "diffie-hellman-group16-sha512",
      "diffie-hellman-group18-sha512",
      "diffie-hellman-group-exchange-sha256",
      "diffie-hellman-group14-sha256",
    ],
    serverHostKey: hostKeyTypes.flatMap((type) => signatures[type] ?? []),
    compress: ["none"],
  };
}
