import assert from "node:assert/strict";
import { connect } from "node:tls";
import { type Simulator, startSimulator } from "./mod.ts";
import { GOOD_CREATE, send } from "./tests/cluster.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

function auth({ token }: Simulator): Record<string, string> {
  return { Authorization: `PVEAPIToken=${token.id}=${token.secret}` };
}

/** Sends a create. */
async function create(simulator: Simulator): Promise<string> {
  const body = new URLSearchParams(GOOD_CREATE).toString();
  const headers = { ...auth(simulator), ...FORM };
  const reply = await send(simulator, "POST", "/nodes/pve01/lxc", { headers, body });
  assert.equal(reply.status, 200, reply.text);
  return JSON.parse(reply.text).data;
}

Deno.test("startSimulator() serves the API over TLS, with the certificate it names", async () => {
  await using simulator = await startSimulator();
  const { status, text, headers } = await send(simulator, "GET", "/version");
  assert.deepEqual([status, JSON.parse(text).data.release], [200, "9.0"]);
  assert.equal(headers["content-type"], "application/json;charset=UTF-8");
  const { host, port } = simulator;
  const fingerprint = await new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
  });
  assert.equal(fingerprint, simulator.fingerprint);
  const nodes = JSON.parse((await send(simulator, "GET", "/nodes")).text).data;
  assert.equal(nodes[1].ssl_fingerprint, simulator.fingerprint);
});

Deno.test("startSimulator() names the variables that point pxrun at it", async () => {
  await using simulator = await startSimulator({ pathPrefix: "/pve" });
  assert.equal((await send(simulator, "GET", "/version")).status, 200);
  const { PROXMOX_HOST, PROXMOX_FINGERPRINT, PROXMOX_TOKEN_ID } = simulator.env();
  assert.equal(PROXMOX_HOST, `https://127.0.0.1:${simulator.port}/pve`);
  assert.equal(PROXMOX_FINGERPRINT, simulator.fingerprint);
  assert.equal(PROXMOX_TOKEN_ID, "root@pam!pxrun");
});

Deno.test("startSimulator() records every request, with parameters and token", async () => {
  const seen: string[] = [];
  await using simulator = await startSimulator({
    onRequest: ({ method, path, status }) => seen.push(`${method} ${path} ${status}`),
  });
  await send(simulator, "GET", "/cluster/resources?type=vm");
  await send(simulator, "GET", "/version", { headers: {} });
  assert.deepEqual(seen, ["GET /cluster/resources 200", "GET /version 401"]);
  assert.deepEqual(simulator.requests[0]?.params, { type: "vm" });
  assert.deepEqual(simulator.requests.map(({ token }) => token), ["root@pam!pxrun", undefined]);
});

Deno.test("a refused login has an empty body, takes its time and ends the connection", async () => {
  await using simulator = await startSimulator({ timings: { authFailureMs: 30 } });
  const begin = performance.now();
  const reply = await send(simulator, "GET", "/version", {
    headers: { Authorization: `PVEAPIToken=${simulator.token.id}=wrong` },
  });
  assert.deepEqual([reply.status, reply.reason, reply.text], [401, "Authentication failed!", ""]);
  assert.equal(reply.headers["connection"], "close");
  assert.ok(performance.now() - begin >= 29);
});

Deno.test("a ticket reads alone, writes with its CSRF token only, and runs out", async () => {
  let now = Date.now();
  const sleep = () => Promise.resolve();
  await using simulator = await startSimulator({ clock: { now: () => now, sleep } });
  const password = simulator.cluster.users.get("pxrun@pve")?.password ?? "";
  const login = async (fields: Record<string, string>) =>
    await send(simulator, "POST", "/access/ticket", {
      headers: FORM,
      body: new URLSearchParams(fields).toString(),
    });
  const bad = await login({ username: "pxrun@pve", password: "wrong" });
  assert.deepEqual([bad.status, bad.reason], [401, "authentication failure"]);
  const { data } = JSON.parse((await login({ username: "pxrun", realm: "pve", password })).text);
  const cookie = { Cookie: `PVEAuthCookie=${encodeURIComponent(data.ticket)}` };
  const start = "/nodes/pve01/lxc/100/status/start";
  assert.equal((await send(simulator, "GET", "/version", { headers: cookie })).status, 200);
  const without = await send(simulator, "POST", start, { headers: cookie });
  assert.equal(without.reason, "Permission denied - invalid csrf token");
  const headers = { ...cookie, CSRFPreventionToken: data.CSRFPreventionToken };
  assert.equal((await send(simulator, "POST", start, { headers })).status, 200);
  const renewed = await login({ username: "pxrun@pve", password: data.ticket });
  assert.equal(renewed.status, 200);
  now += 7_200_001;
  assert.equal((await send(simulator, "GET", "/version", { headers: cookie })).status, 401);
});

Deno.test("what Proxmox's HTTP server does not take is refused below the API", async () => {
  await using simulator = await startSimulator();
  const headers = auth(simulator);
  const json = { ...headers, "Content-Type": "application/json" };
  const reply = async (method: string, path: string, options: Parameters<typeof send>[3]) => {
    const { status, reason } = await send(simulator, method, path, options);
    return `${status} ${reason}`;
  };
  const length = { "Content-Length": "2" };
  assert.equal(
    await reply("GET", "/version", { headers: { ...json, ...length }, body: "{}" }),
    "501 Unexpected content for method 'GET'",
  );
  assert.equal(await reply("HEAD", "/version", { headers }), "501 method 'HEAD' not available");
  assert.equal(
    await reply("PUT", "/cluster/options", { headers: { ...json, "Content-Length": "0" } }),
    "500 malformed JSON string, neither tag, array, object, number, string or atom, " +
      'at character offset 0 (before "(end of string)") ' +
      "at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.",
  );
  assert.equal(
    await reply("PUT", "/cluster/options", { headers: { ...json, ...length }, body: "{}" }),
    "200 OK",
  );
  const xml = { ...headers, "Content-Type": "text/xml" };
  assert.equal(
    await reply("PUT", "/cluster/options", { headers: xml, body: "<a/>" }),
    "506 upload 'Content-Type 'text/xml' not implemented",
  );
  const chunked = { ...headers, ...FORM, "Transfer-Encoding": "chunked" };
  assert.equal(
    await reply("PUT", "/cluster/options", { headers: chunked, body: "registered-tags=a" }),
    "501 chunked transfer encoding not supported",
  );
});

Deno.test("inject() drops connections before and after the work is done", async () => {
  await using simulator = await startSimulator();
  simulator.inject({ name: "drop", path: "/version", times: 1 });
  await assert.rejects(send(simulator, "GET", "/version"));
  assert.equal((await send(simulator, "GET", "/version")).status, 200);
  simulator.inject({ name: "drop-reply", method: "POST", times: 1 });
  await assert.rejects(create(simulator));
  assert.equal(simulator.cluster.cts.size, 1);
  assert.deepEqual(simulator.requests.map(({ status }) => status), [0, 200, 0]);
});

Deno.test("inject() delays, answers in the proxy's place, and locks guests", async () => {
  await using simulator = await startSimulator();
  const takeBack = simulator.inject({ name: "status", status: 595 });
  const proxy = await send(simulator, "GET", "/version");
  assert.deepEqual([proxy.status, proxy.reason, proxy.text], [595, "No route to host", ""]);
  takeBack();
  simulator.inject({ name: "delay", ms: 30, times: 1 });
  const begin = performance.now();
  assert.equal((await send(simulator, "GET", "/version")).status, 200);
  assert.ok(performance.now() - begin >= 29);
  await simulator.cluster.tasks.get(await create(simulator))?.done;
  simulator.inject({ name: "lock", path: "/lxc/100", message: "snapshot", times: 1 });
  const destroy = await send(simulator, "DELETE", "/nodes/pve01/lxc/100");
  assert.equal(destroy.reason, "CT is locked (snapshot)");
});

Deno.test("close() ends tasks and requests that are under way", async () => {
  const simulator = await startSimulator({ timings: { createMs: 60_000, authFailureMs: 60_000 } });
  const upid = await create(simulator);
  const refused = send(simulator, "GET", "/version", { headers: {} }).then(
    () => "answered",
    () => "ended",
  );
  const change = send(simulator, "PUT", "/nodes/pve01/lxc/100/config", {
    headers: { ...auth(simulator), ...FORM, "Content-Length": "10" },
    body: "memory=600",
  }).then(() => "answered", () => "ended");
  await simulator.close();
  await simulator.close();
  assert.deepEqual([await refused, await change], ["ended", "ended"]);
  assert.match(simulator.cluster.tasks.get(upid)?.exitstatus ?? "", /received interrupt$/);
});
