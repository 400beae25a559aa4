import type { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from "ssh2";
// @ts-types="@types/ssh2"
import { BaseAgent, utils } from "ssh2";
import { keyText } from "../trust/wire.ts";

/**
 * An agent for one key file, whose private half is only asked for when the host
 * has said that it would accept the public one.
 */
export class FileAgent extends BaseAgent {
  readonly #publicKey: Uint8Array;
  readonly #privateKey: () => Promise<ParsedKey>;

  /**
   * @param publicKey What is offered.
   * @param privateKey What signs; when it rejects, the host gets no signature.
   */
  constructor(publicKey: Uint8Array, privateKey: () => Promise<ParsedKey>) {
    super();
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  /** @inheritdoc */
  getIdentities(done: IdentityCallback): void {
    const key = utils.parseKey(keyText(this.#publicKey));
    if (key instanceof Error) done(key);
    else done(undefined, [key]);
  }

  /** @inheritdoc */
  sign(
    _key: unknown,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const [hash, callback] = typeof options === "function"
      ? [undefined, options]
      : [options.hash, done];
    this.#privateKey().then((key) => key.sign(data, hash)).then((signature: Buffer | Error) => {
      if (signature instanceof Error) throw signature;
      callback?.(undefined, signature);
    }).catch((error) => callback?.(error));
  }
}
