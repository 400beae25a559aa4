import assert from "node:assert/strict";
import { newKey, startAgent } from "../../../tests/support/ssh_agent.ts";
import { startSshServer, type TestSshServer } from "../../../tests/support/ssh_server.ts";
import { PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { systemClock } from "../../host/clock.ts";
import type { Credentials } from "./auth.ts";
import { connectSsh } from "../client/connect.ts";
import type { SshConnection } from "../client/connection.ts";
import { type Identity, parseIdentity } from "./identity.ts";

const [a, b, c, d] = ["a", "b", "c", "d"].map((comment) => newKey(comment));
assert.ok(a && b && c && d);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (name: string, key: { readonly private: string }): Identity =>
  parseIdentity(`/home/me/.ssh/${name}`, bytes(key.private));

function connect(server: TestSshServer, credentials: Partial<Credentials>): Promise<SshConnection> {
  return connectSsh({
    host: "127.0.0.1",
    port: server.port,
    user: "root",
    hostKeys: server.hostKeys,
    clock: systemClock,
    identities: [],
    ...credentials,
  });
}

/** What the host was offered: keys by their letter, other methods by their name. */
function offered(server: TestSshServer): string[] {
  return server.logins.map(({ method, key }) => {
    const known = [a, b, c, d].find((one) =>
      key && one?.key.getPublicSSH().equals(Buffer.from(key))
    );
    return known?.key.comment ?? method;
  });
}

async function refusal(server: TestSshServer, set: Partial<Credentials>): Promise<PxrunError> {
  const error = await connect(server, set).then(() => undefined, (error) => error);
  assert.ok(error instanceof PxrunError, `${error}`);
  assert.equal(error.code, "UNAUTHORIZED");
  return error;
}

async function withAgent(
  keys: Parameters<typeof startAgent>[1],
  test: (socket: string, signed: readonly string[]) => Promise<void>,
  signs = true,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await using agent = await startAgent(directory, keys, signs);
    await test(agent.socket, agent.signed);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("logIn() offers what OpenSSH would, in its order", async () => {
  await withAgent([a.key, b.key, c.key], async (agent) => {
    await using server = await startSshServer({ accept: () => false });
    const identities = [file("id_d", d), file("id_b", b)];
    const error = await refusal(server, { agent, identities, password: new Secret("hunter2") });
    assert.equal(offered(server).join(" "), "b a c d keyboard-interactive password");
    assert.match(error.message, /^root@127\.0\.0\.1:\d+ refused the agent's ssh-ed25519 key b, /);
    assert.match(error.message, /\/home\/me\/\.ssh\/id_d/);
    assert.match(error.hint ?? "", /`ssh-copy-id -p \d+ root@127\.0\.0\.1` lets your key in/);
    assert.ok(!`${error.message}${error.hint}`.includes("hunter2"));
  });
});

Deno.test("logIn() offers only the agent's keys that a file names, where that is wanted", async () => {
  await withAgent([a.key, b.key], async (agent) => {
    await using server = await startSshServer({ accept: () => false });
    await refusal(server, { agent, identities: [file("id_b", b)], identitiesOnly: true });
    assert.deepEqual(offered(server), ["b"]);
  });
});

Deno.test("logIn() lets the agent sign for a key file that is encrypted or only public", async () => {
  await withAgent([a.key, b.key], async (agent, signed) => {
    await using server = await startSshServer();
    const encrypted: Identity = { ...file("id_b", b), privateKey: { reason: "encrypted" } };
    await using first = await connect(server, { agent, identities: [encrypted] });
    const half = parseIdentity("a.pub", bytes(a.public));
    await using second = await connect(server, { agent, identities: [half], identitiesOnly: true });
    assert.equal((await first.exec("true")).code, 0);
    assert.equal((await second.exec("true")).code, 0);
    assert.deepEqual(signed, ["b", "a"]);
  });
});

Deno.test("logIn() goes on with the next key when the agent does not sign", async () => {
  await withAgent([a.key], async (agent, signed) => {
    await using server = await startSshServer();
    await using connection = await connect(server, { agent, identities: [file("id_b", b)] });
    assert.equal((await connection.exec("true")).code, 0);
    assert.deepEqual(signed, []);
    assert.deepEqual(offered(server), ["a", "b"]);
  }, false);
});

Deno.test("logIn() says which files it passed over and what helps", async () => {
  await using server = await startSshServer({ accept: () => false });
  const encrypted = newKey("", "secret");
  const error = await refusal(server, {
    agent: "/nowhere/agent.sock",
    identities: [
      parseIdentity("/home/a b/id_ed25519", bytes(encrypted.private)),
      parseIdentity("/home/me/id_rsa", bytes("garbage")),
    ],
  });
  assert.match(error.message, /^there is no SSH key to log in with as root@127\.0\.0\.1:\d+; /);
  assert.match(error.message, /\/home\/a b\/id_ed25519 is encrypted; \/home\/me\/id_rsa is not a /);
  assert.match(error.message, /no agent answers on \/nowhere\/agent\.sock$/);
  assert.match(error.hint ?? "", /^`ssh-add '\/home\/a b\/id_ed25519'` lets the SSH agent use it/);
  assert.match(error.hint ?? "", /`ssh-keygen -p -f \/home\/me\/id_rsa` rewrites it/);
});

Deno.test("logIn() says how to make a key when there is none", async () => {
  await using server = await startSshServer({ accept: () => false });
  const error = await refusal(server, {});
  assert.match(error.hint ?? "", /^`ssh-keygen -t ed25519` makes a key, `ssh-copy-id -p/);
  assert.deepEqual(server.logins, []);
});

Deno.test("logIn() names ed25519 as the way out of a curve it cannot use", async () => {
  await using server = await startSshServer({ accept: () => false });
  const identities: Identity[] = [
    { path: "id_ecdsa", publicKey: undefined, privateKey: { reason: "curve" } },
  ];
  assert.match((await refusal(server, { identities })).hint ?? "", /ssh-keygen -t ed25519/);
});

Deno.test("logIn() passes over methods that the host does not take", async () => {
  await using server = await startSshServer({
    accept: () => false,
    methods: ["publickey"],
  });
  await refusal(server, { identities: [file("id_a", b)], password: new Secret("hunter2") });
  assert.deepEqual(offered(server), ["b"]);
});
