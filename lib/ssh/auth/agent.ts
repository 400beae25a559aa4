import type { Buffer } from "node:buffer";
import type {
  IdentityCallback,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from "../../../deps/ssh2.ts";
import { BaseAgent, createAgent, utils } from "../../../deps/ssh2.ts";
import { concat } from "../../core/bytes.ts";
import { isCertificate, isHardwareKey, keyText, keyType, readStrings } from "../trust/wire.ts";

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

/** SSH_AGENTC_REQUEST_IDENTITIES as a message, and SSH_AGENT_IDENTITIES_ANSWER. */
const REQUEST = new Uint8Array([0, 0, 0, 1, 11]);
const ANSWER = 12;
/** No agent holds that much. */
const LONGEST_ANSWER = 1_000_000;

/**
 * Identities of an agent that {@linkcode listAgentKeys} leaves out silently, such as certificates.
 *
 * @returns `type comment` each; nothing where the agent does not say.
 */
export function listOtherAgentKeys(socket: string): Promise<string[]> {
  const agent = createAgent(socket);
  return new Promise((resolve) => {
    const none = (): void => resolve([]);
    if (agent.getStream === undefined) return none();
    agent.getStream((error, stream) => {
      if (error || stream === undefined) return none();
      let all = new Uint8Array();
      stream.on("data", (chunk: Uint8Array) => {
        all = concat([all, chunk]);
        const length = all.length < 4 ? Infinity : new DataView(all.buffer).getUint32(0);
        if (all.length < 4 + length && all.length < LONGEST_ANSWER) return;
        resolve(readAnswer(all.subarray(4)));
        stream.end();
      });
      for (const event of ["error", "end", "close"]) stream.on(event, none);
      stream.write(REQUEST);
    });
  });
}

function readAnswer(message: Uint8Array): string[] {
  if (message[0] !== ANSWER || message.length < 5) return [];
  const count = new DataView(message.buffer, message.byteOffset).getUint32(1);
  const strings = readStrings(message.subarray(5), 2 * count) ?? [];
  const keys = strings.flatMap((key, index) => {
    const type = keyType(key);
    const comment = new TextDecoder().decode(strings[index + 1]);
    return index % 2 === 0 && (isHardwareKey(type) || isCertificate(type))
      ? [`${type} ${comment}`.trim()]
      : [];
  });
  return keys;
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
