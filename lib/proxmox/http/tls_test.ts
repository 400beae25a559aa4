import assert from "node:assert/strict";
import { connect } from "node:net";
import { selfSigned } from "../../../tests/support/certificate.ts";
import { httpReply, tlsServer } from "../../../tests/support/tls_server.ts";
import { plainServer, rejection, until, withTransport } from "../../../tests/support/transport.ts";
import { type SeenCertificate, Unreachable, Untrusted } from "./errors.ts";
import { tlsTransport } from "./tls.ts";
import type { Dial } from "./tls_connect.ts";
import type { ByteRequest } from "./transport.ts";

const GET: ByteRequest = { method: "GET", path: "/api2/json/version", headers: {} };
const OK = httpReply(200, "OK", { data: 1 });
const node = await selfSigned();

Deno.test("tlsTransport() sends the request's bytes and returns status, reason, headers and body", async () => {
  await using server = await tlsServer(node, (_request, socket) => {
    socket.write(
      "HTTP/1.1 500 CT 200 'x' \"y\"\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 3\r\n\r\nöa",
    );
  });
  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    const reply = await transport.request({
      method: "POST",
      path: "/api2/json/x?y=1",
      headers: { "content-length": "3", authorization: "T" },
      body: "a=b",
    });
    assert.equal(reply.status, 500);
    assert.equal(reply.reason, `CT 200 'x' "y"`);
    assert.equal(reply.headers["x-a"], "1, 2");
    assert.equal(new TextDecoder().decode(Uint8Array.from(reply.body as Uint8Array)), "öa");
  });
  assert.equal(
    server.requests[0]?.raw,
    "POST /api2/json/x?y=1 HTTP/1.1\r\ncontent-length: 3\r\nauthorization: T\r\n" +
      `Host: 127.0.0.1:${server.port}\r\nConnection: keep-alive\r\n\r\na=b`,
  );
});

Deno.test("tlsTransport() sends GET and DELETE without a body, a length or chunks", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    await transport.request(GET);
    await transport.request({ ...GET, method: "DELETE" });
  });
  for (const { headers, body } of server.requests) {
    assert.deepEqual(Object.keys(headers), ["host", "connection"]);
    assert.equal(body, "");
  }
  assert.equal(server.requests.length, 2);
});

Deno.test("tlsTransport() puts a proxy's path prefix before every path", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  const prefixes = { "": "", "/": "", "/pve": "/pve", "/a/b/": "/a/b", "/pve/api2/json/": "/pve" };
  for (const [path, expected] of Object.entries(prefixes)) {
    const transport = tlsTransport({ baseUrl: server.url + path, trust: node });
    await transport.request(GET);
    await transport.close();
    assert.equal(server.requests.at(-1)?.path, `${expected}/api2/json/version`);
  }
});

Deno.test("tlsTransport() keeps connections and shares them among parallel requests", async () => {
  let waiting: (() => void)[] = [];
  await using server = await tlsServer(node, (_request, socket) => {
    waiting.push(() => socket.write(OK));
  });
  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    for (let round = 0; round < 5; round++) {
      const replies = [1, 2, 3, 4].map(() => transport.request(GET));
      await until(() => waiting.length === 4); // All four were sent before any was answered.
      for (const answer of waiting) answer();
      waiting = [];
      assert.deepEqual((await Promise.all(replies)).map(({ status }) => status), [
        200,
        200,
        200,
        200,
      ]);
    }
  });
  assert.equal(server.requests.length, 20);
  assert.equal(server.connections, 4);
  await until(() => server.open.size === 0);
});

Deno.test("tlsTransport() gives a waiting request the connection that is free first", async () => {
  const answers: (() => void)[] = [];
  await using server = await tlsServer(node, (_request, socket) => {
    answers.push(() => socket.write(OK));
  });
  let dials = 0;
  const { promise, reject } = Promise.withResolvers<never>();
  const dial: Dial = (track) => {
    // The first connection is made; the second one is not.
    if (++dials > 1) return promise;
    const socket = connect(server.port, "127.0.0.1");
    track(socket);
    return Promise.resolve(socket);
  };
  await withTransport({ baseUrl: server.url, trust: node, dial }, async (transport) => {
    const first = transport.request(GET);
    await until(() => answers.length === 1);
    const second = transport.request(GET);
    await until(() => dials === 2);
    answers[0]?.();
    await first;
    await until(() => answers.length === 2);
    answers[1]?.();
    assert.equal((await second).status, 200);
    reject(new Error("the end of this test"));
  });
  assert.equal(server.connections, 1);
});

Deno.test("tlsTransport() sends a write on a connection that was kept, and only once", async () => {
  await using server = await tlsServer(node, (request, socket) => {
    if (request.method === "GET") socket.write(OK);
    else socket.destroy();
  });
  for (const method of ["POST", "PUT", "DELETE"] as const) {
    await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
      const known = [server.connections, server.requests.length] as const;
      await transport.request(GET);
      const error = await rejection(transport.request({ ...GET, method }));
      assert.ok(error instanceof Unreachable && error.sent && error.transient);
      assert.deepEqual([server.connections - known[0], server.requests.length - known[1]], [1, 2]);
    });
  }
});

Deno.test("tlsTransport() queues above 16 requests at once", async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  await using server = await tlsServer(node, (_request, socket) => {
    most = Math.max(most, server.open.size);
    waiting.push(() => socket.write(OK));
  });
  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    const replies = Array.from({ length: 40 }, () => transport.request(GET));
    // Else the connections that are there first may do all the work.
    await until(() => waiting.length === 16);
    let answered = 0;
    while (answered < 40) {
      await until(() => waiting.length > 0);
      waiting.shift()?.();
      answered++;
    }
    await Promise.all(replies);
  });
  assert.equal(most, 16);
});

Deno.test("tlsTransport() opens a new connection when the kept one was closed by the node", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    await transport.request(GET);
    for (const socket of server.open) socket.end();
    await until(() => server.open.size === 0);
    assert.equal((await transport.request({ ...GET, method: "POST" })).status, 200);
  });
  assert.equal(server.connections, 2);
});

Deno.test("tlsTransport() closes an unused connection itself, but none that is in use", async () => {
  const answers = new Map<string, () => void>();
  await using server = await tlsServer(node, ({ path }, socket) => {
    answers.set(path, () => socket.write(OK));
  });
  const options = { baseUrl: server.url, trust: node, idleTimeout: 50 };
  await withTransport(options, async (transport) => {
    const quick = transport.request({ ...GET, path: "/quick" });
    const slow = transport.request({ ...GET, path: "/slow" });
    await until(() => answers.size === 2);
    answers.get("/quick")?.();
    await quick;
    await until(() => server.open.size === 1); // One was closed after 50 ms without use.
    answers.get("/slow")?.();
    assert.equal((await slow).status, 200);
    await until(() => server.open.size === 0);
  });
});

Deno.test("tlsTransport() says that a reply broke off", async () => {
  const replies = [
    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "HTTP/1.1 200",
    "",
  ];
  for (const text of replies) {
    await using server = await tlsServer(node, (_request, socket) => {
      if (text === "") socket.destroy();
      else socket.end(text);
    });
    await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
      const error = await rejection(transport.request({ ...GET, method: "POST" }));
      assert.ok(error instanceof Unreachable, `${JSON.stringify(text)}: ${error}`);
      assert.equal(error.transient, true);
      assert.equal(error.sent, true);
      assert.match(error.message, /no reply from 127\.0\.0\.1:\d+ to POST \/api2\/json\/version/);
      assert.match(error.hint ?? "", /may have been carried out/);
    });
  }
});

Deno.test("tlsTransport() gives up waiting for a reply at its deadline", async () => {
  await using server = await tlsServer(node, () => {});
  // Long enough for both to be sent.
  const options = { baseUrl: server.url, trust: node, timeouts: { read: 2_000, write: 2_100 } };
  await withTransport(options, async (transport) => {
    await Promise.all(([["GET", "2"], ["POST", "2.1"]] as const).map(async ([method, time]) => {
      const error = await rejection(transport.request({ ...GET, method }));
      assert.ok(error instanceof Unreachable);
      assert.ok(error.message.endsWith(`${method} /api2/json/version: no answer within ${time} s`));
      assert.deepEqual([error.sent, error.transient], [true, true]);
    }));
    await until(() => server.open.size === 0);
  });
});

Deno.test("tlsTransport() ends an aborted request at any point and leaks nothing", async () => {
  await using server = await tlsServer(node, (request, socket) => {
    if (request.path === "/half") socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
    if (request.path === "/whole") socket.write(OK);
  });
  await using mute = await plainServer(() => {});
  const reason = new Error("the user pressed Ctrl-C");

  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    const before = AbortSignal.abort(reason);
    assert.equal(await rejection(transport.request({ ...GET, signal: before })), reason);
    assert.equal(server.connections, 0);

    for (const path of ["/never", "/half"]) {
      const known = server.requests.length;
      const abort = new AbortController();
      const reply = transport.request({ ...GET, path, signal: abort.signal });
      await until(() => server.requests.length > known);
      abort.abort(reason);
      assert.equal(await rejection(reply), reason);
      await until(() => server.open.size === 0);
    }

    const connecting = new AbortController();
    const early = transport.request({ ...GET, path: "/whole", signal: connecting.signal });
    connecting.abort(reason);
    assert.equal(await rejection(early), reason);
    assert.equal((await transport.request({ ...GET, path: "/whole" })).status, 200);
  });
  assert.ok(server.requests.filter(({ path }) => path === "/whole").length === 1);

  const baseUrl = `https://127.0.0.1:${mute.port}`;
  await withTransport({ baseUrl, trust: node }, async (transport) => {
    const abort = new AbortController();
    const reply = transport.request({ ...GET, signal: abort.signal });
    await until(() => mute.open.size === 1);
    abort.abort(reason);
    assert.equal(await rejection(reply), reason);
  });
  await until(() => mute.open.size === 0);
});

Deno.test("tlsTransport() does not listen to a signal once its request is over", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    listeners++;
    Reflect.apply(addEventListener, signal, args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    listeners--;
    Reflect.apply(removeEventListener, signal, args);
  };
  await withTransport({ baseUrl: server.url, trust: node }, async (transport) => {
    await transport.request({ ...GET, signal });
  });
  assert.equal(listeners, 0);
});

Deno.test("tlsTransport() ends running requests and connections on close()", async () => {
  await using server = await tlsServer(node, () => {});
  const transport = tlsTransport({ baseUrl: server.url, trust: node });
  const reply = rejection(transport.request(GET));
  await until(() => server.requests.length === 1);
  await transport.close();
  await transport.close();
  assert.ok(await reply instanceof Unreachable);
  await assert.rejects(transport.request(GET), /the connection was closed/);
  await until(() => server.open.size === 0);
});

Deno.test("tlsTransport() asks once about a certificate that nobody vouches for, before it sends", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  const asked: SeenCertificate[] = [];
  const confirm = (seen: SeenCertificate): Promise<boolean> => {
    assert.equal(server.bytes, 0);
    asked.push(seen);
    return Promise.resolve(true);
  };
  const trust = { system: true } as const;
  await withTransport({ baseUrl: server.url, trust, confirm }, async (transport) => {
    const replies = await Promise.all([transport.request(GET), transport.request(GET)]);
    assert.deepEqual(replies.map(({ status }) => status), [200, 200]);
    await transport.request(GET);
  });
  assert.equal(asked.length, 1);
  const [{ place, fingerprint, subject } = {}] = asked;
  assert.deepEqual([place, fingerprint, subject], [
    `127.0.0.1:${server.port}`,
    node.fingerprint,
    '"CN=node"',
  ]);
});

Deno.test("tlsTransport() sends nothing after a no, and asks nobody who has named a CA", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  let asked = 0;
  const confirm = (): Promise<boolean> => Promise.resolve(++asked === 0);
  const { cert: ca } = await selfSigned();
  for (const [trust, questions] of [[{ system: true }, 1], [{ ca }, 1]] as const) {
    await withTransport({ baseUrl: server.url, trust, confirm }, async (transport) => {
      const tries = await Promise.all([1, 2].map(() => rejection(transport.request(GET))));
      for (const error of tries) assert.ok(error instanceof Untrusted);
    });
    assert.equal(asked, questions);
  }
  assert.equal(server.bytes, 0);
});

Deno.test("tlsTransport() believes the certificate that was confirmed, and no other after it", async () => {
  const first = await tlsServer(node, (_request, socket) => socket.end(OK));
  const other = await selfSigned();
  const confirm = (): Promise<boolean> => Promise.resolve(true);
  const options = { baseUrl: first.url, trust: { system: true }, confirm } as const;
  await withTransport(options, async (transport) => {
    await transport.request(GET);
    await first[Symbol.asyncDispose]();
    await using second = await tlsServer(other, () => {}, first.port);
    await until(() => first.open.size === 0);
    const error = await rejection(transport.request(GET));
    assert.ok(error instanceof Untrusted);
    assert.ok(
      error.message.includes(node.fingerprint) && error.message.includes(other.fingerprint),
    );
    assert.equal(second.bytes, 0);
  });
});

Deno.test("tlsTransport() that trusts nothing believes any server", async () => {
  await using server = await tlsServer(node, (_request, socket) => socket.write(OK));
  await withTransport({ baseUrl: server.url, trust: { nothing: true } }, async (transport) => {
    assert.equal((await transport.request(GET)).status, 200);
  });
});

Deno.test("tlsTransport() gives up a reply that is larger than any of the API", async () => {
  const certificate = await selfSigned();
  const mib = new Uint8Array(1024 * 1024).fill(32);
  await using server = await tlsServer(certificate, (_request, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
    const more = (): void => {
      while (socket.writable && socket.write(mib));
      socket.once("drain", more);
    };
    more();
  });
  const trust = { fingerprint: certificate.fingerprint };
  await withTransport({ baseUrl: server.url, trust }, async (transport) => {
    await assert.rejects(transport.request(GET), {
      code: "FAILED",
      message: /^the reply of 127\.0\.0\.1:\d+ is larger than 64 MiB$/,
    });
  });
});
