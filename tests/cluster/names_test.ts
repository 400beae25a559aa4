import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { ContainerRow } from "../../lib/cluster/guests/list.ts";
import { placeCt } from "../../sim/mod.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";

const TOKEN = { login: "token" } as const;
/** Longer than any test: what /cluster/resources knows never changes. */
const STALE = { ...TOKEN, timings: { resourcesEveryMs: 3_600_000 } } as const;

/** Gives the vmid of a container to somebody else's, as a destroy and a create by another client do. */
function replace(lab: Lab, vmid: number, hostname: string): void {
  const node = lab.simulator.cluster.cts.get(vmid)?.node ?? "pve01";
  const told = lab.simulator.cluster.broadcasts.get(vmid) ?? [];
  placeCt(lab.simulator.cluster, { vmid, node, config: { hostname }, status: "running" });
  lab.simulator.cluster.broadcasts.set(vmid, told);
}

/** A command line for which the pauses between two tries are short. */
async function hurried(
  lab: Lab,
  args: readonly string[],
): Promise<{ status: number; stderr: string }> {
  const platform = lab.platform();
  const status = await runCli(args, { ...platform, clock: fastClock(30) });
  return { status, stderr: platform.stderr() };
}

async function rows(lab: Lab, ...args: string[]): Promise<ContainerRow[]> {
  const { stdout, stderr } = await lab.run(["list", "--format", "json", ...args]);
  return stdout === "" ? assert.fail(stderr) : JSON.parse(stdout);
}

Deno.test("list shows who has a vmid now, not who had it when the cluster last heard of it", async () => {
  await using lab = await startLab(STALE);
  const { cluster } = lab.simulator;
  placeCt(cluster, {
    vmid: 101,
    node: "pve01",
    config: { hostname: "old-name" },
    status: "running",
  });
  replace(lab, 101, "new-name");
  const stale = await lab.simulator.cluster.broadcasts.get(101)?.at(-1)?.name;
  assert.equal(stale, "old-name", "that is what the cluster's list says");
  assert.deepEqual((await rows(lab)).map(({ hostname }) => hostname), ["new-name"]);
});

Deno.test("exec, push, pull, shell, provision and destroy by the former name leave the new owner of a vmid alone", async () => {
  await using lab = await startLab(STALE);
  const { cluster } = lab.simulator;
  placeCt(cluster, { vmid: 101, node: "pve01", config: { hostname: "old-name" } });
  replace(lab, 101, "new-name");
  const stdin = "container: { hostname: old-name, template: debian-13 }\n" +
    "provisioning: { files: [{ path: /etc/motd, content: hello }] }\n";
  const commands: readonly (readonly [string[], number])[] = [
    [["exec", "old-name", "--", "true"], 125],
    [["push", "old-name", "deno.json", "/root/x"], 3],
    [["pull", "old-name", "/etc/hostname", "-"], 3],
    [["shell", "old-name"], 125],
    [["provision", "old-name", "-"], 3],
    [["destroy", "old-name", "--yes"], 3],
  ];
  for (const [args, status] of commands) {
    const ran = await lab.run(args, { stdin });
    assert.equal(ran.status, status, `${args}: ${ran.stderr}`);
  }
  assert.deepEqual(lab.changes(), []);
  assert.deepEqual(lab.containers(), ["101 new-name"]);
});

Deno.test("exec and provision look again: another container may have the vmid by then", async () => {
  let replaced = false;
  await using lab: Lab = await startLab({
    ...TOKEN,
    onRequest: ({ path }) => {
      if (replaced || path !== "/nodes/pve01/lxc") return;
      replaced = true;
      replace(lab, 101, "other");
    },
  });
  placeCt(lab.simulator.cluster, {
    vmid: 101,
    node: "pve01",
    config: { hostname: "web" },
    status: "running",
  });
  for (const selection of [["web"], ["--node", "pve01"]]) {
    const { status, stderr } = await lab.run(["exec", ...selection, "--", "cat", "/etc/hostname"]);
    assert.deepEqual([status, replaced], [125, true], stderr);
    assert.match(stderr, /container web not found: 101 is other now/);
    replaced = false;
    replace(lab, 101, "web");
  }
  // Which container a plan is about is looked at once it has been found.
  const stdin = "container: { hostname: web, template: debian-13 }\n" +
    "provisioning: { files: [{ path: /etc/motd, content: hello }] }\n";
  const { status, stderr } = await lab.run(["provision", "web", "-"], { stdin });
  assert.deepEqual([status, replaced], [3, true], stderr);
  assert.match(stderr, /container web not found: 101 is other now/);
});

Deno.test("list and exec know a container by its name as soon as its create has ended", async () => {
  await using lab = await startLab(STALE);
  for (const name of ["fast-1", "fast-2"]) {
    const made = await lab.run(["create", "--hostname", name, "--template", "debian-13", "--yes"]);
    assert.equal(made.status, 0, made.stderr);
    const ran = await lab.run(["exec", name, "--", "hostname"]);
    assert.deepEqual([ran.status, ran.stdout], [0, `${name}\n`], ran.stderr);
    assert.equal((await lab.run(["destroy", name, "--yes"])).status, 0);
  }
  assert.deepEqual(lab.containers(), []);
});

Deno.test("list shows a container without a hostname by its vmid, and no other name for it", async () => {
  await using lab = await startLab(TOKEN);
  const { cluster } = lab.simulator;
  const nameless = placeCt(cluster, { vmid: 202, node: "pve01" });
  delete nameless.config["hostname"];
  placeCt(cluster, { vmid: 203, node: "pve01", config: { hostname: "CT203" } });
  assert.deepEqual((await rows(lab)).map(({ vmid, hostname }) => [vmid, hostname]), [
    [202, undefined],
    [203, "CT203"],
  ]);
  assert.match((await lab.run(["list"])).stdout, / 202 +- +pve01/);
  const { status, stderr } = await lab.run(["destroy", "CT202", "--yes"]);
  assert.equal(status, 3);
  assert.match(stderr, /hint: container 202 has no hostname: name it by its vmid/);
  assert.equal(lab.containers().length, 2);
});

Deno.test("list shows a template as such, and no selection is about it", async () => {
  await using lab = await startLab(TOKEN);
  const { cluster } = lab.simulator;
  const config = { template: "1", tags: "web", hostname: "base" };
  placeCt(cluster, { vmid: 900, node: "pve01", config });
  placeCt(cluster, { vmid: 901, node: "pve01", config: { tags: "web", hostname: "web-1" } });
  assert.deepEqual((await rows(lab)).map(({ template }) => template), [true, undefined]);
  assert.match((await lab.run(["list"])).stdout, / 900 +base +pve01 +template /);
  for (const args of [["--tag", "web"], ["--status", "stopped"], ["--node", "pve01"]]) {
    assert.deepEqual((await rows(lab, ...args)).map(({ vmid }) => vmid), [901], `${args}`);
  }
  const exec = await lab.run(["exec", "900", "--", "id"]);
  assert.equal(exec.status, 125);
  assert.match(
    exec.stderr,
    /container base is a template: it never runs\n.*hint: .*pct clone 900 /s,
  );
  const stdin = "container: { hostname: base, template: debian-13 }\n";
  const provision = await lab.run(["provision", "base", "-"], { stdin });
  assert.equal(provision.status, 1);
  assert.match(provision.stderr, /container base is a template: it never runs/);
  assert.equal((await lab.run(["destroy", "--tag", "web", "--yes"])).status, 0);
  assert.deepEqual(lab.containers(), ["900 base"]);
  // By its name it can be destroyed, as what it is.
  const dry = await lab.run(["destroy", "base", "--dry-run"]);
  assert.match(dry.stdout, /^template 900 base on pve01, stopped.*\n {2}destroy template 900 /);
  assert.equal((await lab.run(["destroy", "base", "--yes"])).status, 0);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("list and destroy compare tags as Proxmox does: without case unless the datacenter says so", async () => {
  await using lab = await startLab(TOKEN);
  const { cluster } = lab.simulator;
  placeCt(cluster, { vmid: 100, node: "pve01", config: { tags: "prod" } });
  placeCt(cluster, { vmid: 101, node: "pve01", config: { tags: "Prod;db" } });
  const found = async (...tags: string[]): Promise<number[]> =>
    (await rows(lab, ...tags.flatMap((tag) => ["--tag", tag]))).map(({ vmid }) => vmid);
  assert.deepEqual(await found("Prod"), [100, 101]);
  assert.deepEqual(await found("prod"), [100, 101]);
  cluster.options = { ...cluster.options, caseSensitiveTags: true };
  assert.deepEqual(await found("Prod"), [101]);
  assert.deepEqual(await found("Prod", "DB"), []);
  assert.equal((await lab.run(["destroy", "--tag", "prod", "--yes"])).status, 0);
  assert.deepEqual(lab.containers(), ["101 ct101"]);
});

Deno.test("create --tag makes a tag that list --tag and destroy --tag find by the same spelling", async () => {
  await using lab = await startLab(TOKEN);
  const { cluster } = lab.simulator;
  const create = ["create", "--template", "debian-13", "--no-start", "--yes", "--tag", "Prod"];
  for (const [caseSensitive, kept] of [[false, "prod"], [true, "Prod"]] as const) {
    cluster.options = { ...cluster.options, caseSensitiveTags: caseSensitive };
    const made = await lab.run([...create, "--hostname", "web"]);
    assert.equal(made.status, 0, made.stderr);
    assert.deepEqual((await rows(lab, "--tag", "Prod"))[0]?.tags, [kept]);
    assert.equal((await lab.run(["destroy", "--tag", "Prod", "--yes"])).status, 0);
    assert.deepEqual(lab.containers(), []);
  }
});

Deno.test("list shows no lock for an empty one", async () => {
  await using lab = await startLab(TOKEN);
  placeCt(lab.simulator.cluster, { vmid: 100, node: "pve01", config: { lock: "" } });
  assert.equal((await rows(lab))[0]?.lock, undefined);
  assert.equal((await lab.run(["destroy", "100", "--yes"])).status, 0);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("list --ips shows all addresses of a container with an interface that has no hardware address", async () => {
  await using lab = await startLab(TOKEN);
  const ct = placeCt(lab.simulator.cluster, {
    vmid: 100,
    node: "pve01",
    config: { net0: "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=10.77.0.50/24" },
    status: "running",
  });
  ct.links.push({ name: "wg0", hwaddr: undefined, inet: "10.9.0.1/32", inet6: undefined, upAt: 0 });
  assert.deepEqual((await rows(lab, "--ips"))[0]?.addresses, ["10.77.0.50", "10.9.0.1"]);
  // What could not be read must not look as if there were no address.
  lab.simulator.inject({ name: "status", path: "/lxc/100/interfaces", status: 500 });
  const { stdout, stderr } = await lab.run(["list", "--ips", "--format", "json"]);
  const [row] = JSON.parse(stdout);
  assert.equal(row.addresses, undefined);
  assert.match(row.problem, /^the addresses of 100 are not known/);
  assert.match(stderr, /! the addresses of 100 are not known/);
});

Deno.test("list does not ask a node that is offline, and says what is not known of it", async () => {
  await using lab = await startLab(STALE);
  const { cluster } = lab.simulator;
  placeCt(cluster, { vmid: 100, node: "pve01", config: { hostname: "db2" } });
  placeCt(cluster, { vmid: 205, node: "pve02", config: { hostname: "db", tags: "web" } });
  lab.simulator.inject({ name: "node-down", node: "pve02" });
  const { status, stdout, stderr } = await lab.run(["list", "--format", "json"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout)[1], {
    vmid: 205,
    node: "pve02",
    status: "unknown",
    tags: ["web"],
    problem: "node pve02 is offline",
  });
  assert.match(
    stderr,
    /^! node pve02 is offline: 1 container there has no name now; use the vmid$/m,
  );
  assert.equal(lab.simulator.requests.some(({ path }) => path.startsWith("/nodes/pve02")), false);
  const destroyed = await lab.run(["destroy", "db", "--yes"]);
  assert.equal(destroyed.status, 5, destroyed.stderr);
  assert.match(destroyed.stderr, /hint: if it is there, name it by its vmid: 205\n/);
  assert.doesNotMatch(destroyed.stderr, /did you mean/);
  // A name that is known is found all the same.
  assert.equal((await lab.run(["destroy", "db2", "--yes"])).status, 0);
  assert.equal((await lab.run(["destroy", "205", "--yes"])).status, 5);
  assert.deepEqual(lab.containers(), ["205 db"]);
});

Deno.test("destroy by a name or a state does not take a node that fails for one without containers", async () => {
  await using lab = await startLab(TOKEN);
  const { cluster } = lab.simulator;
  placeCt(cluster, { vmid: 100, node: "pve01", config: { tags: "web" } });
  placeCt(cluster, { vmid: 205, node: "pve02", config: { hostname: "db", tags: "web" } });
  const text = "hostname lookup 'pve02' failed - failed to get address info for: pve02: Unknown";
  for (const [status, message] of [[595, "No route to host"], [500, text], [596, "x"]] as const) {
    const takeBack = lab.simulator.inject({
      name: "status",
      path: "/nodes/pve02/",
      status,
      message,
    });
    const listed = await hurried(lab, ["list"]);
    assert.equal(listed.status, 0, listed.stderr);
    assert.match(
      listed.stderr,
      /! node pve02 does not answer: .* 1 container there has no name now/,
    );
    for (const args of [["db"], ["--tag", "web"], ["--status", "stopped"]]) {
      const ran = await hurried(lab, ["destroy", ...args, "--yes"]);
      assert.equal(ran.status, 5, `${args}: ${ran.stderr}`);
    }
    takeBack();
  }
  assert.deepEqual(lab.changes(), []);
});

Deno.test("list and destroy refuse a login that may see nothing, and say what grants it", async () => {
  await using lab = await startLab(TOKEN);
  placeCt(lab.simulator.cluster, { vmid: 100, node: "pve01" });
  const token = lab.simulator.tokens["none@pve!ci"];
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  for (
    const args of [["list"], ["destroy", "--tag", "x", "--yes"], ["exec", "ct100", "--", "id"]]
  ) {
    const { status, stdout, stderr } = await lab.run(args, { env });
    assert.equal(status, args[0] === "exec" ? 125 : 4, `${args}: ${stderr}`);
    assert.equal(stdout, "");
    assert.match(stderr, /may not see any container\nhint: .*pveum acl modify \/vms /);
  }
});

Deno.test("list is empty for a login that may see containers where there are none", async () => {
  await using lab = await startLab(TOKEN);
  assert.deepEqual(await rows(lab), []);
});
