import type { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from "ssh2";
// @ts-types="@types/ssh2"
import { BaseAgent, createAgent } from "ssh2";

/** One key that an SSH agent holds and signs with. */
export interface AgentKey {
  readonly comment: string;
  readonly type: string;
  readonly publicKey: Uint8Array;
  /** The agent as ssh2 wants it, with nothing but this key in it. */
  readonly agent: BaseAgent;
}

/**
 * The keys of the agent that listens on a socket, in its own order.
 *
 * @returns undefined when no agent answers there.
 */
export function listAgentKeys(socket: string): Promise<AgentKey[] | undefined> {
  const agent = createAgent(socket);
  return new Promise((resolve) => {
    agent.getIdentities((error, keys) => {
      if (error || keys === undefined) return resolve(undefined);
      resolve(
        keys.filter(isParsed).map((key) => ({
          comment: key.comment,
          type: key.type,
          publicKey: key.getPublicSSH(),
          agent: new OneKeyAgent(agent, key),
        })),
      );
    });
  });
}

/** So that each key is an attempt of its own, in an order that we choose. */
class OneKeyAgent extends BaseAgent {
  readonly #agent: BaseAgent;
  readonly #key: ParsedKey;

  constructor(agent: BaseAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  getIdentities(done: IdentityCallback): void {
    done(undefined, [this.#key]);
  }

  sign(
    _key: unknown,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === "function") this.#agent.sign(this.#key, data, options);
    else this.#agent.sign(this.#key, data, options, done);
  }
}

function isParsed(key: unknown): key is ParsedKey {
  return typeof key === "object" && key !== null && "getPublicSSH" in key;
}
