import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type Certificate, selfSigned } from "../../../tests/support/certificate.ts";
import { type Scripted, scriptedRest } from "../../../tests/support/scripted_rest.ts";
import {
  httpReply,
  type Respond,
  type TlsServer,
  tlsServer,
} from "../../../tests/support/tls_server.ts";
import type { Clock } from "../../core/platform.ts";
import { Secret } from "../../core/secret.ts";
import { apiToken } from "./auth.ts";
import { ProxmoxError, Unauthorized, Unreachable } from "./errors.ts";
import { createRest, type Rest, withSignal } from "./rest.ts";
import { tlsTransport } from "./tls.ts";

const dropped = new Unreachable("dropped", { transient: true, sent: true });
const proxied: Scripted = { status: 596, reason: "Connection timed out" };

Deno.test("createRest() sends each verb with the credentials and returns the data", async () => {
  const { rest, sent } = scriptedRest(() => ({ data: "UPID:x" }));
  assert.equal(await rest.get("/a", { b: 1 }), "UPID:x");
  assert.equal(await rest.post("/a", { b: true }), "UPID:x");
  assert.equal(await rest.put("/a", { b: undefined }), "UPID:x");
  assert.equal(await rest.delete("/a", { b: "ü" }), "UPID:x");
  assert.deepEqual(sent.map(({ method, path, body }) => [method, path, body]), [
    ["GET", "/api2/json/a?b=1", undefined],
    ["POST", "/api2/json/a", "b=1"],
    ["PUT", "/api2/json/a", ""],
    ["DELETE", "/api2/json/a?b=%C3%BC", undefined],
  ]);
  for (const { headers } of sent) {
    assert.equal(headers["authorization"], "PVEAPIToken=root@pam!test=s3cret");
  }
});

Deno.test("createRest() tries a read again after growing pauses, at most four times", async () => {
  const { rest, clock, sent } = scriptedRest([dropped, proxied, dropped, { data: 5 }]);
  assert.equal(await rest.get("/a"), 5);
  assert.equal(sent.length, 4);
  assert.deepEqual(clock.sleeps, [100, 300, 900]);

  const hopeless = scriptedRest(() => proxied);
  await assert.rejects(hopeless.rest.get("/nodes/pve02/lxc"), /pve02 does not answer/);
  assert.equal(hopeless.sent.length, 4);
});

Deno.test("createRest() stops trying again when its patience is at an end", async () => {
  const { rest, clock, sent } = scriptedRest((request) => {
    assert.equal(request.method, "GET");
    void clock.sleep(20_000); // The node needs 20 s to say that it cannot.
    return proxied;
  });
  await assert.rejects(rest.get("/a"), Unreachable);
  assert.equal(sent.length, 3);
});

Deno.test("createRest() waits a minute for an API that answered before, and not for another", async () => {
  const refused = new Unreachable("refused", { transient: true, sent: false });
  const noTls = new Unreachable("no TLS", { transient: false, sent: false });
  for (const failure of [refused, noTls, { status: 502 }, { status: 503 }]) {
    const { rest, sent } = scriptedRest([
      { data: 1 },
      ...Array.from({ length: 20 }, () => failure),
      { data: 2 },
    ]);
    await rest.get("/version");
    assert.equal(await rest.get("/a"), 2);
    assert.equal(sent.length, 22);
  }
  const gone = scriptedRest(() => gone.sent.length === 1 ? { data: 1 } : refused);
  await gone.rest.get("/version");
  await assert.rejects(gone.rest.get("/a"), refused);
  const { length } = gone.sent;
  const minute = gone.clock.now();
  assert.ok(minute > 55_000 && minute <= 60_000, `${minute}`);
  await assert.rejects(gone.rest.get("/a"), refused, "all calls together wait for that minute");
  assert.equal(gone.sent.length, length + 4);

  const never = scriptedRest(() => refused);
  await assert.rejects(never.rest.get("/a"), refused);
  assert.equal(never.sent.length, 4);
});

Deno.test("createRest() waits for no node behind an API that is there", async () => {
  const { rest, sent } = scriptedRest((request) =>
    request.path.endsWith("/version") ? { data: 1 } : { status: 595, reason: "No route to host" }
  );
  await rest.get("/version");
  await assert.rejects(rest.get("/nodes/pve02/lxc"), Unreachable);
  assert.equal(sent.length, 5);
});

Deno.test("createRest() sends a write again that did not get out", async () => {
  const refused = new Unreachable("refused", { transient: true, sent: false });
  const { rest, sent } = scriptedRest([{ data: 1 }, refused, refused, { data: "UPID:x" }]);
  await rest.get("/version");
  assert.equal(await rest.post("/nodes/vm/lxc", { vmid: 5 }), "UPID:x");
  assert.equal(sent.length, 4);
});

Deno.test("createRest() never sends a write twice", async () => {
  for (const method of ["post", "put", "delete"] as const) {
    for (const failure of [dropped, proxied]) {
      const { rest, sent } = scriptedRest([failure, { data: null }]);
      await assert.rejects(rest[method]("/a", { b: 1 }), Unreachable);
      assert.equal(sent.length, 1);
    }
  }
});

Deno.test("createRest() does not try again what will not change", async () => {
  const failures: Scripted[] = [
    { status: 401, reason: "No ticket" },
    { status: 403, reason: "Permission check failed" },
    { status: 500, reason: "CT 200 not running" },
    new Unreachable("no such name", { transient: false, sent: false }),
  ];
  for (const failure of failures) {
    const { rest, sent } = scriptedRest([failure, { data: null }]);
    await assert.rejects(rest.get("/a"));
    assert.equal(sent.length, 1);
  }
});

Deno.test("createRest() ends with the signal's reason, also between two tries", async () => {
  const reason = new Error("Ctrl-C");
  const before = scriptedRest([{ data: 1 }]);
  await assert.rejects(before.rest.get("/a", {}, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(before.sent.length, 0);

  const abort = new AbortController();
  const between = scriptedRest(() => {
    abort.abort(reason);
    return dropped;
  });
  await assert.rejects(between.rest.get("/a", {}, { signal: abort.signal }), reason);
  assert.equal(between.sent.length, 1);
});

Deno.test("withSignal() ends every verb", async () => {
  const reason = new Error("Ctrl-C");
  const { rest, sent } = scriptedRest(() => ({ data: 1 }));
  const live = new AbortController();
  const bound = withSignal(rest, live.signal);
  assert.equal(await bound.get("/a", { x: 1 }), 1);
  live.abort(reason);
  for (const method of ["get", "post", "put", "delete"] as const) {
    await assert.rejects(bound[method]("/a"), reason);
  }
  assert.equal(sent.length, 1);
});

Deno.test("createRest() shows each try to a trace, and never a secret", async () => {
  const { rest, traced } = scriptedRest([dropped, { data: 1 }, { data: 2 }]);
  await rest.get("/a", { b: 1 });
  await rest.post("/nodes/vm/lxc", { vmid: 5, password: new Secret("hunter2") });
  assert.deepEqual(traced.map(({ method, path, attempt }) => [method, path, attempt]), [
    ["GET", "/a", 1],
    ["GET", "/a", 2],
    ["POST", "/nodes/vm/lxc", 1],
  ]);
  const shown = JSON.stringify(traced) + inspect(traced, { depth: 9 }) + Deno.inspect(traced);
  assert.ok(!/hunter2|s3cret/.test(shown), shown);
});

Deno.test("createRest() ends calls on close() and does not try them again", async () => {
  const { rest, sent } = scriptedRest(() => {
    void rest.close();
    return dropped;
  });
  await assert.rejects(rest.get("/a"), /the connection to Proxmox was closed/);
  await assert.rejects(rest.get("/a"), /the connection to Proxmox was closed/);
  assert.equal(sent.length, 1);
});

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
const node: Certificate = await selfSigned();

/** A client and its node, over a real TLS socket. */
async function overTls(
  respond: Respond,
  use: (rest: Rest, server: TlsServer) => Promise<void>,
): Promise<void> {
  await using server = await tlsServer(node, respond);
  await using rest = createRest({
    transport: tlsTransport({ baseUrl: server.url, trust: node }),
    authentication: apiToken({ id: "root@pam!test", secret: new Secret("s3cret") }),
    clock,
  });
  await use(rest, server);
}

Deno.test("createRest() over TLS survives a reply that breaks off and a 596", async () => {
  let calls = 0;
  await overTls((_request, socket) => {
    calls++;
    if (calls === 1) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"data":');
    else if (calls === 2) socket.write(httpReply(596, "tls_process_server_certificate", undefined));
    else socket.write(httpReply(200, "OK", { data: "7" }));
  }, async (rest, server) => {
    assert.equal(await rest.get("/cluster/nextid"), "7");
    assert.equal(server.requests.length, 3);
  });
});

Deno.test("createRest() over TLS sends a POST once, although its connection drops", async () => {
  await overTls((_request, socket) => {
    socket.destroy();
  }, async (rest, server) => {
    await assert.rejects(rest.post("/nodes/vm/lxc", { vmid: 200 }), (error) => {
      assert.ok(error instanceof Unreachable);
      assert.equal(error.sent, true);
      return true;
    });
    assert.deepEqual(server.requests.map(({ method, body }) => [method, body]), [
      ["POST", "vmid=200"],
    ]);
  });
});

Deno.test("createRest() over TLS reads the error of a node that puts it into the reason", async () => {
  await overTls((request, socket) => {
    const quiet = request.path.endsWith("/version");
    const text = quiet ? "401 No ticket" : "500 CT 200 'ü' not running";
    socket.write(`HTTP/1.1 ${text}\r\nContent-Length: 0\r\n\r\n`);
  }, async (rest) => {
    await assert.rejects(rest.get("/version"), Unauthorized);
    await assert.rejects(rest.post("/nodes/vm/lxc/200/status/stop"), (error) => {
      assert.ok(error instanceof ProxmoxError);
      assert.match(error.text, /^CT 200 '.+' not running$/);
      return true;
    });
  });
});
