import assert from "node:assert/strict";
import type { Env } from "../../lib/core/platform.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const flags = ["--hostname", "web-1", "--template", "debian-13"];
const json = ["--format", "json"];

Deno.test("create makes, starts and addresses a container, and prints one JSON object", async () => {
  await using lab = await startLab();
  const { status, stdout, stderr } = await lab.run(["create", ...flags, ...json]);
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.vmid, result.hostname, result.status], [100, "web-1", "running"]);
  assert.match(result.addresses[0], /^10\.77\.0\.1\d\d$/);
  assert.equal(result.next, "pxrun shell web-1");
  // Nobody could log in: no key was installed.
  assert.equal(result.ssh, undefined);
  assert.match(result.console, /^ssh -t .*pct enter 100$/);
  assert.ok(result.durations.total >= result.durations.create);
  assert.deepEqual(lab.containers(), ["100 web-1"]);
});

Deno.test("create --dry-run prints the plan and changes nothing", async () => {
  await using lab = await startLab();
  const { status, stdout } = await lab.run(["create", ...flags, "--dry-run", ...json]);
  assert.equal(status, 0);
  const plan = JSON.parse(stdout);
  assert.deepEqual(plan.actions.map((step: { id: string }) => step.id), [
    "create",
    "start",
    "address",
  ]);
  assert.equal(plan.parameters.hostname, "web-1");
  assert.deepEqual(lab.changes(), []);
});

Deno.test("create --no-start leaves the container stopped, with nothing to enter", async () => {
  await using lab = await startLab();
  const { status, stdout } = await lab.run(["create", ...flags, "--no-start", ...json]);
  assert.equal(status, 0);
  const made = JSON.parse(stdout);
  assert.deepEqual([made.status, made.console], ["stopped", undefined]);
  assert.equal(lab.simulator.cluster.cts.get(100)?.status, "stopped");
});

Deno.test("create downloads a template that is only in the index", async () => {
  await using lab = await startLab();
  const args = ["create", "--hostname", "a", "--template", "alpine-3.21", ...json];
  const { status, stdout, stderr } = await lab.run(args);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /✓ downloaded alpine-3\.21/);
  assert.ok(JSON.parse(stdout).durations.download >= 0);
});

Deno.test("create twice at once gets two vmids, also from two processes", async () => {
  await using lab = await startLab();
  const runs = await Promise.all(
    ["a", "b", "c", "d"].map((name) =>
      lab.run(["create", "--hostname", name, "--template", "debian-13", ...json])
    ),
  );
  assert.deepEqual(runs.map(({ status }) => status), [0, 0, 0, 0], runs[0]?.stderr);
  const vmids = runs.map(({ stdout }) => JSON.parse(stdout).vmid);
  assert.deepEqual(vmids.toSorted(), [100, 101, 102, 103]);
  for (const { stdout } of runs) {
    const { vmid, hostname } = JSON.parse(stdout);
    assert.equal(lab.simulator.cluster.cts.get(vmid)?.config["hostname"], hostname);
  }
});

Deno.test("create takes the next vmid when somebody else was quicker, and leaves theirs alone", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "vmid-taken", times: 2 });
  const { status, stdout, stderr } = await lab.run(["create", ...flags, ...json]);
  assert.equal(status, 0, stderr);
  assert.equal(JSON.parse(stdout).vmid, 102);
  assert.equal(lab.containers().length, 3);
  assert.equal(lab.simulator.cluster.cts.get(102)?.config["hostname"], "web-1");
});

Deno.test("create insists on the vmid of the recipe, and leaves a stranger's guest alone", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "vmid-taken", times: 1 });
  const { status, stderr } = await lab.run(["create", ...flags, "--vmid", "123"]);
  assert.equal(status, 1);
  assert.match(stderr, /CT 123 already exists/);
  assert.equal(lab.containers().length, 1);
});

interface Refusal {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly prepare?: (lab: Lab) => unknown;
  readonly status: number;
  readonly says: RegExp;
}

const refusals: readonly Refusal[] = [
  {
    name: "a bad token",
    env: { PROXMOX_TOKEN_SECRET: "00000000-0000-0000-0000-000000000000" },
    status: 4,
    says: /hint: check the token/,
  },
  {
    name: "a wrong fingerprint",
    env: { PROXMOX_FINGERPRINT: Array.from({ length: 32 }, () => "AB").join(":") },
    status: 4,
    says: /AB:AB[\s\S]*hint: /,
  },
  {
    name: "an API that is not there",
    env: { PROXMOX_HOST: "127.0.0.1:1" },
    status: 5,
    says: /127\.0\.0\.1:1[\s\S]*hint: /,
  },
  {
    name: "a template that does not exist",
    args: ["--template", "debian-99"],
    status: 3,
    says:
      /--template: there is no template debian-99 on pve01, pve02, nor in the index\n\s+→ .*there are alpine/,
  },
  {
    name: "a full storage",
    prepare: ({ simulator }) => simulator.inject({ name: "full-storage" }),
    status: 1,
    says: /has room for 10 GiB\n\s+→ .*make room/,
  },
  {
    name: "an unknown bridge",
    args: ["--bridge", "vmbr9"],
    status: 3,
    says: /--bridge: there is no bridge vmbr9 on pve01, pve02\n\s+→ .*there are vmbr0, vmbr1/,
  },
  {
    name: "an unknown node",
    args: ["--node", "pve09"],
    status: 3,
    says: /--node: there is no node pve09\n\s+→ .*the cluster has pve01, pve02/,
  },
  {
    name: "a node that is down",
    args: ["--node", "pve02"],
    prepare: (lab) => lab.simulator.inject({ name: "node-down", node: "pve02" }),
    status: 5,
    says: /node pve02 is offline\n\s+→ bring it back/,
  },
  {
    name: "a node that cannot be read",
    args: ["--node", "pve02"],
    prepare: (lab) => lab.simulator.inject({ name: "status", path: "/nodes/pve02/", status: 595 }),
    status: 5,
    says: /node pve02 is not readable: .*595.*\n\s+→ bring it back/,
  },
  {
    name: "a taken vmid",
    args: ["--vmid", "100"],
    prepare: (lab) => lab.run(["create", "--hostname", "first", "--template", "debian-13"]),
    status: 1,
    says: /vmid 100 is taken by .*\n\s+→ leave vmid out/,
  },
  {
    name: "a pool that does not exist",
    args: ["--pool", "nosuch"],
    status: 3,
    says: /pool nosuch not found/,
  },
  {
    name: "a failing create task",
    prepare: (lab) =>
      lab.simulator.inject({ name: "task-failure", type: "vzcreate", message: "out of magic" }),
    status: 1,
    says: /out of magic/,
  },
  {
    name: "a failing start task",
    prepare: (lab) =>
      lab.simulator.inject({ name: "task-failure", type: "vzstart", message: "no cgroups" }),
    status: 1,
    says: /no cgroups/,
  },
];

for (const { name, args = [], env = {}, prepare, status, says } of refusals) {
  Deno.test(`create with ${name} exits ${status}, says what to do, and leaves nothing`, async () => {
    await using lab = await startLab();
    await prepare?.(lab);
    const before = lab.containers();
    const ran = await lab.run(["create", ...flags, ...args], { env });
    assert.equal(ran.status, status, ran.stderr);
    assert.match(ran.stderr, says);
    assert.equal(ran.stdout, "");
    assert.deepEqual(lab.containers(), before);
  });
}

Deno.test("create goes to another node when one cannot be read", async () => {
  for (const [away, there] of [["pve01", "pve02"], ["pve02", "pve01"]]) {
    await using lab = await startLab();
    lab.simulator.inject({ name: "status", path: `/nodes/${away}/`, status: 595 });
    const { status, stderr } = await lab.run(
      ["create", ...flags, "--no-start", "--allow-duplicate"],
    );
    assert.equal(status, 0, stderr);
    assert.equal(lab.simulator.cluster.cts.get(100)?.node, there);
  }
});

Deno.test("create says everything that is wrong at once", async () => {
  await using lab = await startLab();
  const args = ["--bridge", "vmbr9", "--pool", "nosuch", "--storage-pool", "nosuch"];
  const { stderr } = await lab.run(["create", ...flags, ...args]);
  for (const says of [/bridge vmbr9/, /pool nosuch/, /storage nosuch/]) {
    assert.match(stderr, says);
  }
});

Deno.test("create with a token without rights names each with its pveum line", async () => {
  await using lab = await startLab();
  const token = lab.simulator.tokens["audit@pve!ci"];
  const { status, stderr } = await lab.run(["create", ...flags], {
    env: { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret },
  });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /lacks .*VM\.Allocate.* on \/vms/);
  assert.match(stderr, /pveum acl modify \/vms --tokens 'audit@pve!ci' --roles PVEVMAdmin/);
  assert.deepEqual(lab.changes(), []);
});

Deno.test("create with a pool-scoped token works in its pool", async () => {
  await using lab = await startLab();
  const token = lab.simulator.tokens["pool@pve!ci"];
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const pooled = ["create", ...flags, "--pool", "dev", ...json];
  // It does not see whether the name is taken in the rest of the cluster.
  const unsure = await lab.run(pooled, { env });
  assert.equal(unsure.status, 4);
  const [{ code, message, hint }] = JSON.parse(unsure.stdout).error.problems;
  assert.equal(code, "PERMISSION_DENIED");
  assert.match(message, /web-1.*pool@pve!ci sees only part of the cluster/);
  assert.match(hint, /--allow-duplicate[^]*pveum acl modify \/vms .* --roles PVEAuditor/);
  const inside = await lab.run([...pooled, "--allow-duplicate"], { env });
  assert.equal(inside.status, 0, inside.stderr);
  const outside = await lab.run(["create", ...flags.with(1, "web-2")], { env });
  assert.equal(outside.status, 4);
  assert.match(outside.stderr, /the token pool@pve!ci lacks VM\.Allocate, .* on \/vms\n/);
  assert.match(outside.stderr, /or make it in the pool dev, where it may: --pool dev/);
  assert.equal(lab.containers().length, 1);
});

Deno.test("create says before it changes anything which tags it may not set", async () => {
  await using lab = await startLab();
  const as = (id: string): Env => {
    const token = lab.simulator.tokens[id];
    return { PROXMOX_TOKEN_ID: id, PROXMOX_TOKEN_SECRET: token?.secret };
  };
  const tagged = ["create", ...flags, "--tag", "prod"];
  const pool = await lab.run([...tagged, "--pool", "dev"], { env: as("pool@pve!ci") });
  assert.equal(pool.status, 4);
  assert.match(pool.stderr, /lacks VM\.Config\.Options on \/vms\n.*; or leave the tags out/);
  const { cluster } = lab.simulator;
  cluster.options = { ...cluster.options, userAllowTags: "list", userAllowList: ["dev"] };
  const user = await lab.run(tagged, { env: as("pxrun@pve!laptop") });
  assert.equal(user.status, 4);
  assert.match(user.stderr, /tag policy does not let pxrun@pve!laptop set prod\n.*set dev/);
  assert.ok(lab.simulator.requests.every(({ method }) => method === "GET"));
  const allowed = ["create", ...flags, "--tag", "dev"];
  assert.equal((await lab.run(allowed, { env: as("pxrun@pve!laptop") })).status, 0);
});

Deno.test("create sends each write once, and finds its task when the reply is lost", async () => {
  for (const path of ["/lxc", "/status/start"]) {
    await using lab = await startLab();
    lab.simulator.inject({ name: "drop-reply", method: "POST", path, times: 1 });
    const { status, stdout, stderr } = await lab.run(["create", ...flags, ...json]);
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).vmid, 100);
    assert.deepEqual(lab.changes().map((at) => at.split("/").at(-1)), ["lxc", "start", "config"]);
    assert.deepEqual(lab.containers(), ["100 web-1"]);
  }
});

Deno.test("create --on-failure decides about a container that never gets an address", async () => {
  for (const [choice, left] of [["keep", 1], ["destroy", 0]] as const) {
    await using lab = await startLab({ timings: { dhcpMs: 60_000 } });
    const platform = lab.platform();
    const running = runCli(["create", ...flags, "--on-failure", choice], platform);
    await until(
      "the wait",
      () => lab.simulator.requests.some((r) => r.path.endsWith("/interfaces")),
    );
    platform.interrupt();
    assert.equal(await running, 130);
    assert.equal(lab.containers().length, left, choice);
  }
});

Deno.test("create waits for the address of its first interface, and names it first", async () => {
  await using lab = await startLab();
  const stdin = `container:
  hostname: web-1
  template: debian-13
  network: [{ ip: dhcp, ip6: "fd00::5/64" }, { ip: 192.168.50.5/24, bridge: vmbr1 }]
`;
  const { status, stdout, stderr } = await lab.run(["create", "-", ...json], { stdin });
  assert.equal(status, 0, stderr);
  const { addresses } = JSON.parse(stdout);
  const [first, ...others] = addresses;
  assert.match(first, /^10\.77\.0\./);
  // The one that only comes along stands behind those that are waited for.
  assert.deepEqual(others, ["192.168.50.5", "fd00::5"]);
});

Deno.test("create refuses the fixed address of a container that runs", async () => {
  await using lab = await startLab();
  const fixed = (
    name: string,
    ip: string,
  ): string[] => ["create", "--hostname", name, "--template", "debian-13", "--ip", ip];
  assert.equal((await lab.run(fixed("a", "10.77.0.9/24"))).status, 0);
  const { status, stderr } = await lab.run(fixed("b", "10.77.0.9/24"));
  assert.equal(status, 1);
  assert.match(stderr, /10\.77\.0\.9 is the address of a \(100\) on pve\d+, which is running/);
  assert.deepEqual(lab.containers(), ["100 a"]);
});

Deno.test("create --events ends with the error as a line of JSON, whatever the format", async () => {
  await using lab = await startLab();
  const args = ["create", "--hostname", "a", "--template", "nosuch-1", "--events"];
  for (const format of [[], ["--format", "json"]]) {
    const { status, stdout } = await lab.run([...args, ...format]);
    assert.equal(status, 3);
    assert.equal(JSON.parse(stdout).error.code, "NOT_FOUND");
  }
});

Deno.test("create --events prints each event as a line of JSON, and nothing else", async () => {
  await using lab = await startLab();
  const { status, stdout, stderr } = await lab.run(["create", ...flags, "--events"]);
  assert.equal(status, 0, stderr);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(events.filter(({ type }) => type === "step-done").map(({ step }) => step), [
    "create",
    "start",
    "address",
  ]);
  assert.deepEqual([events.at(-1).type, events.at(-1).result.vmid], ["created", 100]);
  assert.doesNotMatch(stderr, /✓/);
});

Deno.test("create --timings shows at the end how long each step took", async () => {
  await using lab = await startLab();
  const { status, stderr } = await lab.run(["create", ...flags, "--timings"]);
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /created container 100 on pve01 +\d.*▇\nstarted +\d.*▇\naddress .* ▇+\ntotal +\d/,
  );
});
