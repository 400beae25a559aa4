import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { newKey } from "../../../tests/support/ssh_agent.ts";
import { startSshServer, type TestSshServer } from "../../../tests/support/ssh_server.ts";
import { PxrunError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { systemClock } from "../../host/clock.ts";
import { type ConnectOptions, connectSsh } from "./connect.ts";
import { knownHostKeys } from "../trust/host_keys.ts";
import { parseIdentity } from "../auth/identity.ts";
import { parseKnownHosts } from "../trust/known_hosts.ts";
import { keyText } from "../trust/wire.ts";

const identity = parseIdentity("id_ed25519", new TextEncoder().encode(newKey("me").private));

function options(
  server: Pick<TestSshServer, "port" | "hostKeys">,
  set: Partial<ConnectOptions> = {},
): ConnectOptions {
  return {
    host: "127.0.0.1",
    port: server.port,
    user: "root",
    hostKeys: server.hostKeys,
    identities: [identity],
    clock: systemClock,
    ...set,
  };
}

async function failure(set: ConnectOptions): Promise<PxrunError> {
  const error = await connectSsh(set).then(() => undefined, (error) => error);
  assert.ok(error instanceof PxrunError, `${error}`);
  return error;
}

const nobodyKnown = (port: number): Pick<TestSshServer, "port" | "hostKeys"> => ({
  port,
  hostKeys: knownHostKeys([], { host: "127.0.0.1", port }, "known_hosts"),
});

/** A TCP server that treats every connection in one way. */
async function tcpServer(
  treat: (socket: Socket) => void,
): Promise<{ port: number } & AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    treat(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      open.forEach((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

Deno.test("connectSsh() logs in with a key file", async () => {
  await using server = await startSshServer();
  await using connection = await connectSsh(options(server));
  assert.equal((await connection.exec("true")).code, 0);
  assert.deepEqual(server.logins.map(({ user, method }) => [user, method]), [[
    "root",
    "publickey",
  ]]);
  assert.deepEqual(server.logins[0]?.key, new Uint8Array(identity.publicKey ?? []));
});

Deno.test("connectSsh() sends no credential to a host whose key is not known", async () => {
  await using server = await startSshServer();
  const error = await failure(options({ ...nobodyKnown(server.port) }, {
    password: new Secret("hunter2"),
  }));
  assert.equal(error.code, "UNTRUSTED");
  assert.match(error.hint ?? "", /add this line to known_hosts:\n {2}\[127\.0\.0\.1\]:/);
  assert.deepEqual(server.logins, []);
});

Deno.test("connectSsh() asks a host known by its RSA key for that one", async () => {
  await using server = await startSshServer({ hostKeys: ["ed25519", "rsa"] });
  const rsa = server.publicKeys[1] ?? new Uint8Array();
  const name = { host: "127.0.0.1", port: server.port };
  const known = parseKnownHosts(`[127.0.0.1]:${server.port} ${keyText(rsa)}`, "known_hosts");
  const hostKeys = knownHostKeys(known, name, "known_hosts");
  await using connection = await connectSsh(options({ ...server, port: server.port, hostKeys }));
  assert.equal((await connection.exec("true")).code, 0);
});

Deno.test("connectSsh() answers with the password when the host asks for one", async () => {
  await using server = await startSshServer({ accept: ({ password }) => password === "hunter2" });
  await using connection = await connectSsh(
    options(server, { identities: [], password: new Secret("hunter2") }),
  );
  assert.equal((await connection.exec("true")).code, 0);
});

Deno.test("connectSsh() names a host that refuses the connection", async () => {
  const error = await failure(options(nobodyKnown(1)));
  assert.equal(error.code, "UNREACHABLE");
  assert.equal(error.message, "no SSH connection to 127.0.0.1:1: connection refused");
  assert.match(error.hint ?? "", /PXRUN_SSH_NODES/);
});

Deno.test("connectSsh() names a host that does not exist", async () => {
  const error = await failure(options(nobodyKnown(22), { host: "no-such-host.invalid" }));
  assert.equal(error.code, "UNREACHABLE");
  assert.match(error.message, /^no SSH connection to no-such-host\.invalid:22: /);
});

Deno.test("connectSsh() gives up on a host that says nothing", async () => {
  await using silent = await tcpServer(() => {});
  const error = await failure(options(nobodyKnown(silent.port), { deadline: 50 }));
  assert.equal(error.code, "UNREACHABLE");
  assert.match(error.message, /it did not answer within 0\.05 s$/);
});

Deno.test("connectSsh() gives up on a login that does not end", async () => {
  await using server = await startSshServer({ accept: () => undefined });
  const error = await failure(options(server, { loginDeadline: 50 }));
  assert.match(error.message, /the login did not end within 0\.05 s$/);
});

Deno.test("connectSsh() says so when the host hangs up during the login", async () => {
  await using server = await startSshServer({
    accept() {
      server.drop();
      return undefined;
    },
  });
  const error = await failure(options(server));
  assert.equal(error.code, "UNREACHABLE");
  assert.match(error.message, /: the host closed it/);
});

Deno.test("connectSsh() tries again when the host hangs up during the login once", async () => {
  let logins = 0;
  await using server = await startSshServer({
    accept() {
      if (++logins > 1) return true;
      server.drop();
      return undefined;
    },
  });
  await using connection = await connectSsh(options(server));
  assert.equal(connection.closed, false);
  assert.ok(logins > 1);
});

Deno.test("connectSsh() says so when the host hangs up or speaks something else", async () => {
  await using hangsUp = await tcpServer((socket) => socket.end());
  assert.equal((await failure(options(nobodyKnown(hangsUp.port)))).code, "UNREACHABLE");
  await using http = await tcpServer((socket) => {
    socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  });
  assert.equal((await failure(options(nobodyKnown(http.port)))).code, "UNREACHABLE");
});

Deno.test("connectSsh() ends at once when its signal is aborted", async () => {
  await using silent = await tcpServer(() => {});
  const stop = new AbortController();
  const attempt = connectSsh(options(nobodyKnown(silent.port), { signal: stop.signal }));
  stop.abort(new Error("enough"));
  await assert.rejects(attempt, /enough/);
  await assert.rejects(
    connectSsh(options(nobodyKnown(silent.port), { signal: stop.signal })),
    /enough/,
  );
});
