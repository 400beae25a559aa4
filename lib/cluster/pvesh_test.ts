import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Clock } from "../core/platform.ts";
import type { Method } from "../proxmox/http/transport.ts";
import type { Params } from "../proxmox/http/wire.ts";
import type { ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { pveshCaller, pveshCommand } from "./pvesh.ts";

/** Time that stands still until somebody gives up waiting. */
const clock: Clock = {
  now: () => 0,
  sleep: (_, signal) =>
    new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};

/** One call, answered by what pvesh leaves; the command lines are kept. */
async function call(
  left: Partial<Record<"stdout" | "stderr", string>> & { code?: number } | Error,
  [method, path, params = {}]: [Method, string, Params?],
  user = "root",
): Promise<{ data: unknown; lines: string[] }> {
  const lines: string[] = [];
  const encoder = new TextEncoder();
  const ssh: SshTransport = {
    exec(line): Promise<ExecResult> {
      lines.push(line);
      if (left instanceof Error) return Promise.reject(left);
      const { code = 0, stdout = "", stderr = "" } = left;
      return Promise.resolve({
        code,
        signal: undefined,
        stdout: encoder.encode(stdout),
        stderr: encoder.encode(stderr),
      });
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const caller = pveshCaller({
    connection: () => Promise.resolve(ssh),
    user: () => Promise.resolve(user),
    clock,
  });
  const { signal } = new AbortController();
  return { data: await caller.send(method, path, params, signal), lines };
}

Deno.test("pveshCommand() writes options as two words each, and names as they are", () => {
  const upid = "UPID:vm:00005DFB:0005AEF3:6B039F65:vzcreate:301:root@pam:";
  assert.deepEqual(
    pveshCommand(`/nodes/vm/tasks/${encodeURIComponent(upid)}/log`, { start: 0, limit: 0 }),
    {
      argv: [
        ...["pvesh", "get", `/nodes/vm/tasks/${upid}/log`, "--start", "0", "--limit", "0"],
        ...["--output-format", "json"],
      ],
      node: "vm",
    },
  );
  const { argv, node } = pveshCommand("/x/vm", { full: true, limit: undefined });
  assert.deepEqual(argv.slice(1, 5), ["get", "/x/vm", "--full", "1"]);
  assert.equal(node, undefined);
});
Deno.test("pveshCommand() takes no secret, and no name that leaves its place", () => {
  assert.throws(() => pveshCommand("/nodes", { password: new Secret("hunter2") }), {
    message: "pvesh cannot be given password: it is a secret",
  });
  for (const name of ["a%2Fb", "..", "%2E%2E"]) {
    assert.throws(() => pveshCommand(`/pools/${name}`, {}), /has a slash/);
  }
});

Deno.test("pveshCaller() reads JSON, and nothing as null", async () => {
  const get = (stdout: string) => call({ stdout }, ["GET", "/cluster/nextid"]);
  assert.equal((await get('"100"\n')).data, "100");
  assert.equal((await get("")).data, null);
  assert.deepEqual((await get('[{"a":"x\\ny"}]\n')).data, [{ a: "x\ny" }]);
  await assert.rejects(get("what\n"), /not JSON \(GET \/cluster\/nextid\): what/);
});

Deno.test("pveshCaller() sends nothing that changes anything", async () => {
  for (const method of ["POST", "PUT", "DELETE"] as const) {
    const lines: string[] = [];
    await assert.rejects(
      call({}, [method, "/nodes/vm/lxc"]).then((made) => lines.push(...made.lines)),
      {
        code: "PERMISSION_DENIED",
      },
    );
    assert.deepEqual(lines, []);
  }
});

Deno.test("pveshCaller() quotes for the node's shell, says the encoding, and goes through sudo", async () => {
  const { lines: [line] } = await call(
    {},
    ["GET", "/nodes/vm/lxc", { description: "it's ü $(id)\n", tags: "" }],
    "admin",
  );
  assert.equal(
    line,
    "LC_ALL=C.UTF-8 sudo -n pvesh get /nodes/vm/lxc " +
      "--description 'it'\\''s ü $(id)\n' --tags '' --output-format json",
  );
});

Deno.test("pveshCaller() gives refusals the classes that REST gives them", async () => {
  const cases: [code: number, stderr: string, name: string, code: string, message: RegExp][] = [
    [
      255,
      "400 Parameter verification failed.\nmemory: type check ('integer') failed - got 'abc'\n" +
      "pvesh set <api_path> [OPTIONS] [FORMAT_OPTIONS]\n",
      "InvalidParameter",
      "INVALID_PARAMETER",
      /^Parameter verification failed\. memory: type check \('integer'\) failed - got 'abc' \(GET/,
    ],
    [
      2,
      "Configuration file 'nodes/vm/lxc/301.conf' does not exist\n",
      "NotFound",
      "NOT_FOUND",
      /301\.conf' does not exist \(GET \/x\)$/,
    ],
    [
      255,
      "403 Permission check failed (/vms/1, VM.Audit)\n",
      "PermissionDenied",
      "PERMISSION_DENIED",
      /^Permission check/,
    ],
    [255, "CT is locked (backup)\n", "Locked", "LOCKED", /backup/],
    [255, "CT 301 already running\n", "ProxmoxError", "FAILED", /^CT 301 already running \(GET/],
    [1, "No 'get' handler defined for '/x'\n", "ProxmoxError", "FAILED", /^No 'get' handler/],
    [
      1,
      "sudo: a password is required\n",
      "PxrunError",
      "PERMISSION_DENIED",
      /password is required/,
    ],
    [127, "bash: line 1: pvesh: command not found\n", "PxrunError", "FAILED", /pvesh did not run/],
  ];
  for (const [code, stderr, name, kind, message] of cases) {
    await assert.rejects(call({ code, stderr }, ["GET", "/x"]), { name, code: kind, message });
  }
});

Deno.test("pveshCaller() tells a lost connection from a call that was never sent", async () => {
  const lost = new PxrunError("UNREACHABLE", "gone", { hint: "look" });
  await assert.rejects(call(lost, ["GET", "/x"]), {
    name: "Unreachable",
    sent: true,
    transient: true,
    hint: "look",
  });
  const untrusted = new PxrunError("UNTRUSTED", "another key");
  const caller = pveshCaller({
    connection: (node) => Promise.reject(node === "vm" ? lost : untrusted),
    user: () => Promise.resolve("root"),
    clock,
  });
  const { signal } = new AbortController();
  await assert.rejects(caller.send("GET", "/nodes/vm/lxc", {}, signal), { sent: false });
  await assert.rejects(caller.send("GET", "/version", {}, signal), untrusted);
});
