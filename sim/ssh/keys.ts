import { utils } from "../../deps/ssh2.ts";
import type { ParsedKey } from "../../deps/ssh2.ts";

/** A key pair made for one run. */
export interface KeyPair {
  /** As OpenSSH writes it. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  readonly parsed: ParsedKey;
}

/** Makes an Ed25519 key pair. */
export function makeKeyPair(comment: string): KeyPair {
  // ssh2 drops a leading zero byte, so that about one key in 128 cannot be read again.
  for (let tries = 1;; tries++) {
    const { private: privateKey, public: publicText } = utils.generateKeyPairSync("ed25519", {
      comment,
    });
    const parsed = utils.parseKey(publicText);
    const back = utils.parseKey(privateKey);
    if (!(parsed instanceof Error) && !(back instanceof Error)) {
      const publicKey = publicText.split(" ").slice(0, 2).join(" ");
      return { privateKey, publicKey, parsed };
    }
    if (tries >= 20) throw parsed instanceof Error ? parsed : new Error("no usable key was made");
  }
}
