import { createServer, type Socket } from "node:net";
import { AgentProtocol, type ParsedKey, utils } from "../../deps/ssh2.ts";

/** An SSH agent in this process. */
export interface TestAgent extends AsyncDisposable {
  /** What SSH_AUTH_SOCK would be. */
  readonly socket: string;
  /** The comments of the keys it signed with. */
  readonly signed: readonly string[];
}

/** A new ed25519 key, as text in OpenSSH's format and parsed. */
export function newKey(
  comment: string,
  passphrase?: string,
): { readonly private: string; readonly public: string; readonly key: ParsedKey } {
  const encryption = passphrase === undefined
    ? {}
    : { passphrase, cipher: "aes256-ctr", rounds: 1 };
  while (true) {
    const pair = utils.generateKeyPairSync("ed25519", { comment, ...encryption });
    const key = utils.parseKey(pair.private, passphrase);
    // A few of ssh2's new keys are malformed.
    if (!(key instanceof Error)) return { ...pair, key };
  }
}

/**
 * Starts an agent that holds these keys.
 *
 * @param directory Where its socket goes.
 * @param signs Whether it also uses them.
 */
export async function startAgent(
  directory: string,
  keys: readonly ParsedKey[],
  signs = true,
): Promise<TestAgent> {
  const socket = `${directory}/agent.sock`;
  const signed: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((connection) => {
    open.add(connection);
    connection.on("close", () => open.delete(connection));
    const agent = new AgentProtocol(false);
    agent.on("identities", (request) => agent.getIdentitiesReply(request, [...keys]));
    agent.on("sign", (request, publicKey, data) => {
      const key = keys.find((one) => one.getPublicSSH().equals(publicKey.getPublicSSH()));
      if (key === undefined || !signs) return agent.failureReply(request);
      signed.push(key.comment);
      agent.signReply(request, key.sign(data));
    });
    connection.pipe(agent).pipe(connection);
  });
  await new Promise<void>((resolve) => server.listen(socket, () => resolve()));
  return {
    socket,
    signed,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      open.forEach((connection) => connection.destroy());
      await closed;
    },
  };
}
