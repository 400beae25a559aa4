import assert from "node:assert/strict";
import { demoPreset, placeCt, type Preset } from "../../sim/mod.ts";
import type { Storage } from "../../sim/cluster/state/cluster.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const flags = ["create", "--hostname", "web-1", "--template", "debian-13"];
const json = ["--format", "json"];
const GiB = 2 ** 30;
const demo = demoPreset();

/** Runs a command as one of the tokens of the cluster. */
function runAs({ simulator, run }: Lab, id: string, args: readonly string[]) {
  const { secret = "" } = simulator.tokens[id] ?? {};
  return run(args, { env: { PROXMOX_TOKEN_ID: id, PROXMOX_TOKEN_SECRET: secret } });
}

/** The demo cluster with one more storage for containers. */
function withStorage(storage: Partial<Storage> & Pick<Storage, "id">): Preset {
  const base = demo.storages.find(({ id }) => id === "local-lvm");
  assert.ok(base);
  return { ...demo, storages: [...demo.storages, { ...base, ...storage }] };
}

/** The demo cluster where a token may create in a pool that it cannot list. */
function unlistedPool(): Preset {
  const roles = {
    ...demo.roles,
    PoolVMAdmin: (demo.roles?.["PxrunUser"] ?? []).filter((name) => name !== "Pool.Audit"),
  };
  const acls = demo.acls.map((acl) =>
    acl.path === "/pool/dev" ? { ...acl, role: "PoolVMAdmin" } : acl
  );
  return { ...demo, roles, acls };
}

Deno.test("create makes a container in a pool that the token may use and not list", async () => {
  await using lab = await startLab({ preset: unlistedPool() });
  const args = [...flags, "--pool", "dev", "--allow-duplicate"];
  const { status, stderr } = await runAs(lab, "pool@pve!ci", args);
  assert.equal(status, 0, stderr);
  assert.equal(lab.simulator.cluster.cts.get(100)?.pool, "dev");
});

Deno.test("create refuses a pool that the token would see if there were one", async () => {
  await using lab = await startLab();
  const { status, stdout } = await lab.run([...flags, "--pool", "nosuch", ...json]);
  assert.equal(status, 3);
  const [problem] = JSON.parse(stdout).error.problems;
  assert.deepEqual([problem.code, problem.path], ["NOT_FOUND", "container.pool"]);
});

Deno.test("create with a token without any right says so, and exits 4", async () => {
  await using lab = await startLab();
  for (const args of [flags, [...flags, "--hostname", "web-{n}", "--count", "2"]]) {
    const { status, stdout } = await runAs(lab, "none@pve!ci", [...args, ...json]);
    assert.equal(status, 4);
    const { code, problems } = JSON.parse(stdout).error;
    assert.equal(code, "PERMISSION_DENIED");
    assert.match(problems[0].message, /none@pve!ci has no rights at all/);
  }
});

for (const type of ["dir", "nfs", "btrfs", "lvmthin", "zfspool", "rbd", "someplugin"]) {
  Deno.test(`create only warns of little room on a storage of type ${type}`, async () => {
    const files = ["dir", "nfs", "btrfs"].includes(type) ? { path: "/mnt/small" } : {};
    const preset = withStorage({ id: "small", type, total: 5 * GiB, used: 3 * GiB, ...files });
    await using lab = await startLab({ preset });
    const size = ["--set", "container.resources.storage=8", "--node", "pve01"];
    const { status, stderr } = await lab.run([...flags, ...size, "--storage-pool", "small"]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /! storage small on pve01 has 2\.0 GiB free, less than the 8 GiB/);
  });
}

Deno.test("create refuses what thick LVM has no room for, and names only storages that have it", async () => {
  const preset = withStorage({ id: "thick", type: "lvm", total: 5 * GiB, used: 3 * GiB });
  await using lab = await startLab({ preset });
  const args = ["--set", "container.resources.storage=8", "--node", "pve01"];
  const { status, stdout } = await lab.run([...flags, ...args, "--storage-pool", "thick", ...json]);
  assert.equal(status, 1);
  const [problem] = JSON.parse(stdout).error.problems;
  assert.match(problem.hint, /storages that hold containers: local-lvm$/);
  assert.deepEqual(lab.changes(), []);
});

Deno.test("create goes on without the templates of a storage that cannot be listed", async () => {
  const nas = { type: "nfs", content: ["vztmpl"], shared: true, path: "/mnt/pve/nas" };
  await using lab = await startLab({ preset: withStorage({ id: "nas", ...nas }) });
  const message = "unable to activate storage 'nas'";
  lab.simulator.inject({ name: "status", path: "/storage/nas/content", status: 500, message });
  const { status, stderr } = await lab.run(flags);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /! the templates of nas on pve0\d cannot be listed: unable to activate/);
  const wanted = ["--template", "nas:vztmpl/mine_1.0_amd64.tar.zst", "--hostname", "web-2"];
  const other = await lab.run([...flags, ...wanted, ...json]);
  assert.equal(other.status, 5);
  assert.match(JSON.parse(other.stdout).error.problems[0].message, /unable to activate/);
});

Deno.test("create goes on without the index of templates where that cannot be read", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "status", path: "/aplinfo", status: 500, message: "no index" });
  const { status, stdout, stderr } = await lab.run([...flags, "--dry-run", ...json]);
  assert.equal(status, 0, stderr);
  const warnings = JSON.parse(stdout).warnings.join("\n");
  assert.match(warnings, /that can be downloaded on pve0\d cannot be listed: no index/);
});

Deno.test("create leaves out a node that cannot be read, unless it is named", async () => {
  await using lab = await startLab();
  const broken = { name: "status", path: "/nodes/pve01/storage", status: 500 } as const;
  lab.simulator.inject({ ...broken, message: "cannot read storage.cfg" });
  const { status, stdout, stderr } = await lab.run([...flags, "--dry-run", ...json]);
  assert.equal(status, 0, stderr);
  const { node, warnings } = JSON.parse(stdout);
  assert.equal(node, "pve02");
  assert.match(warnings.join("\n"), /node pve01 was left out: cannot read storage\.cfg/);
  const named = await lab.run([...flags, "--node", "pve01", "--dry-run"]);
  assert.equal(named.status, 5);
});

Deno.test("create takes the template of the node's architecture, and the bare system", async () => {
  const [debian] = demo.appliances.filter(({ os }) => os === "debian-13");
  assert.ok(debian);
  const more = ["debian-13-standard_13.9-1_arm64", "debian-13-zabbix_99.0-1_amd64"];
  const appliances = more.map((name) => ({ ...debian, template: `${name}.tar.zst` }));
  const preset = { ...demo, appliances: [...demo.appliances, ...appliances] };
  await using lab = await startLab({ preset });
  const { stdout } = await lab.run([...flags, "--dry-run", ...json]);
  assert.match(JSON.parse(stdout).template, /debian-13-standard_13\.1-2_amd64/);
});

Deno.test("create warns of more cores than the node has", async () => {
  await using lab = await startLab();
  const { stdout } = await lab.run([...flags, "--cores", "99", "--dry-run", ...json]);
  assert.match(JSON.parse(stdout).warnings.join("\n"), /99 cores are more than the \d of pve0\d/);
});

Deno.test("create reads the address of a container that has an interface without a hardware address", async () => {
  await using lab = await startLab({ timings: { dhcpMs: 500 } });
  const { cluster } = lab.simulator;
  const running = lab.run([...flags, ...json]);
  await until("the container", () => cluster.cts.get(100)?.status === "running");
  const wireguard = { name: "wg0", hwaddr: "", inet: "10.9.0.1/24", inet6: undefined, upAt: 0 };
  cluster.cts.get(100)?.links.push(wireguard);
  const { status, stdout, stderr } = await running;
  assert.equal(status, 0, stderr);
  assert.match(JSON.parse(stdout).addresses.join(" "), /^10\.77\.0\.\d+ 10\.9\.0\.1$/);
});

Deno.test("create asks an offline node nothing about the addresses of its containers", async () => {
  await using lab = await startLab();
  const { cluster } = lab.simulator;
  for (let vmid = 200; vmid < 210; vmid++) placeCt(cluster, { vmid, node: "pve02" });
  lab.simulator.inject({ name: "node-down", node: "pve02" });
  const net = ["--ip", "10.77.0.50/24", "--allow-duplicate", "--dry-run"];
  const { status, stdout, stderr } = await lab.run([...flags, ...net, ...json]);
  assert.equal(status, 0, stderr);
  assert.match(
    JSON.parse(stdout).warnings.join("\n"),
    /the addresses of containers on pve02 are not known now/,
  );
  const asked = lab.simulator.requests.filter(({ path }) => path.startsWith("/nodes/pve02/"));
  assert.ok(asked.length <= 1, JSON.stringify(asked));
});

Deno.test("create of several says once what is true of all of them", async () => {
  await using lab = await startLab();
  const broken = { name: "status", path: "/nodes/pve01/storage", status: 500 } as const;
  lab.simulator.inject({ ...broken, message: "cannot read storage.cfg" });
  const several = [...flags, "--hostname", "web-{n}", "--count", "3", "--no-start"];
  const { status, stderr } = await lab.run([...several, "--allow-duplicate"]);
  assert.equal(status, 0, stderr);
  assert.equal(stderr.split("was left out").length, 2, stderr);
  assert.match(stderr, /! web-1 and 2 more: node pve01 was left out/);
});

Deno.test("doctor names the storage whose templates cannot be listed, and the others work", async () => {
  const nas = { type: "nfs", content: ["vztmpl"], shared: true, path: "/mnt/pve/nas" };
  await using lab = await startLab({ preset: withStorage({ id: "nas", ...nas }) });
  const message = "unable to activate storage 'nas'";
  lab.simulator.inject({ name: "status", path: "/storage/nas/content", status: 500, message });
  const { stdout, stderr } = await lab.run(["doctor"]);
  assert.match(
    stdout + stderr,
    /the templates of nas on pve01 cannot be listed: unable to activate/,
  );
});
