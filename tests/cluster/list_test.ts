import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { broadcast } from "../../sim/cluster/state/ct/ct.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import type { TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

Deno.test("list shows containers as a table, as JSON and as YAML", async () => {
  await using lab = await startLab();
  const flags = ["--template", "debian-13", "--tag", "dev"];
  await lab.run(["create", "--hostname", "web-1", ...flags]);
  await lab.run(["create", "--hostname", "db-1", "--no-start", ...flags]);
  const table = await lab.run(["list", "--ips"]);
  assert.match(table.stdout, /^VMID +NAME +NODE +STATUS .* ADDRESSES\n/);
  assert.match(table.stdout, / 100 +web-1 +pve0\d +running .* dev +10\.77\.0\.1\d\d\n/);
  const json = JSON.parse((await lab.run(["list", "--format", "json"])).stdout);
  assert.deepEqual(json.map((row: { vmid: number }) => row.vmid), [100, 101]);
  assert.deepEqual(json[1].tags, ["dev"]);
  assert.match(
    (await lab.run(["list", "--format", "yaml"])).stdout,
    /- vmid: 100\n {2}hostname: web-1/,
  );
});

Deno.test("list --status, --tag and --node narrow the list", async () => {
  await using lab = await startLab();
  const create = ["create", "--template", "debian-13", "--hostname"];
  await lab.run([...create, "a", "--node", "pve01", "--tag", "dev", "--tag", "web"]);
  await lab.run([...create, "b", "--node", "pve02", "--tag", "dev", "--no-start"]);
  const names = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await lab.run(["list", "--format", "json", ...args]);
    return JSON.parse(stdout).map((row: { hostname: string }) => row.hostname);
  };
  assert.deepEqual(await names("--status", "stopped"), ["b"]);
  assert.deepEqual(await names("--tag", "dev"), ["a", "b"]);
  assert.deepEqual(await names("--tag", "dev", "--tag", "web"), ["a"]);
  assert.deepEqual(await names("--node", "pve02"), ["b"]);
});

Deno.test("list of many containers is two rounds of calls: the cluster, and each node", async () => {
  await using lab = await startLab({ login: "token" });
  for (let vmid = 100; vmid < 150; vmid++) {
    placeCt(lab.simulator.cluster, { vmid, node: vmid % 2 ? "pve01" : "pve02" });
  }
  assert.equal((await lab.run(["list"])).stdout.trim().split("\n").length, 51);
  assert.deepEqual(lab.simulator.requests.map(({ path }) => path).toSorted(), [
    "/cluster/resources",
    "/nodes",
    "/nodes/pve01/lxc",
    "/nodes/pve02/lxc",
  ]);
});

Deno.test("list refuses a state or a node that there is none of", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(["list", "--status", "bogus"])).status, 2);
  const { status, stderr } = await lab.run(["list", "--node", "pve09"]);
  assert.equal(status, 3);
  assert.match(stderr, /there is no node pve09\nhint: the cluster has pve01, pve02/);
  assert.equal((await lab.run(["list", "--node", "pve01"])).status, 0);
});

/** What a watched list prints until it is ended. */
async function watch(
  lab: Lab,
  args: readonly string[],
): Promise<TestPlatform & { status: number }> {
  const platform = lab.platform();
  const running = runCli(["list", "--watch", ...args], {
    ...platform,
    // Only the pause between two lists is short: a timeout of the login is a sleep, too.
    clock: {
      ...platform.clock,
      sleep: (ms, signal) => platform.clock.sleep(ms === 2_000 ? 5 : ms, signal),
    },
  });
  await until("the third list", () => platform.stdout().split("VMID").length > 3);
  platform.interrupt();
  return { ...platform, status: await running };
}

Deno.test("list --watch shows the list again until Ctrl-C, which ends it well", async () => {
  await using lab = await startLab();
  await lab.run(["create", "--hostname", "a", "--template", "debian-13", "--no-start", "--yes"]);
  const { status, stderr } = await watch(lab, []);
  assert.deepEqual([status, stderr()], [0, ""]);
  assert.equal((await lab.run(["list", "--watch", "--format", "json"])).status, 2);
});

Deno.test("list --watch of a cluster that cannot be asked is a failure", async () => {
  await using lab = await startLab();
  const env = { PROXMOX_TOKEN_SECRET: "00000000-0000-0000-0000-000000000000" };
  const { status, stderr } = await lab.run(["list", "--watch"], {
    env: { ...lab.simulator.env(), ...env },
  });
  assert.equal(status, 4, stderr);
});

/** Containers with a hostname of their own, without one, with one of digits, and two of one name. */
async function labOfNames(): Promise<Lab> {
  const lab = await startLab({ timings: { resourcesEveryMs: 0 } });
  const create = ["create", "--no-start", "--yes", "--template", "debian-13", "--hostname"];
  for (const name of ["web-10", "web-2", "x", "x2", "x3"]) {
    assert.equal((await lab.run([...create, name, "--tag", name[0] ?? ""])).status, 0);
  }
  change(lab, 103, { hostname: "x" });
  change(lab, 104, { hostname: "200" });
  return lab;
}

/** Changes a container's configuration, as another client of the cluster would. */
function change(
  { simulator: { cluster } }: Lab,
  vmid: number,
  config: Record<string, string>,
): void {
  const ct = cluster.cts.get(vmid);
  assert.ok(ct);
  Object.assign(ct.config, config);
  broadcast(cluster, ct);
}

Deno.test("list -q prints what other commands find the containers by, and nothing else", async () => {
  await using lab = await labOfNames();
  const all = await lab.run(["list", "-q"]);
  assert.deepEqual([all.status, all.stdout], [0, "web-10\nweb-2\n102\n103\n104\n"]);
  assert.equal((await lab.run(["list", "--quiet", "--tag", "w"])).stdout, "web-10\nweb-2\n");
  change(lab, 102, { tags: "alone" });
  assert.equal((await lab.run(["list", "-q", "--tag", "alone"])).stdout, "102\n");
  assert.deepEqual(JSON.parse((await lab.run(["list", "-q", "--json", "--tag", "w"])).stdout), [
    "web-10",
    "web-2",
  ]);
});

Deno.test("create -q prints what other commands find the new containers by, and nothing else", async () => {
  await using lab = await startLab();
  const create = ["create", "--no-start", "--yes", "--template", "debian-13", "-q", "--hostname"];
  assert.deepEqual((await lab.run([...create, "a"])).stdout, "a\n");
  assert.deepEqual((await lab.run([...create, "a", "--allow-duplicate"])).stdout, "101\n");
  const batch = await lab.run([...create, "b-{n}", "--count", "2"]);
  assert.equal(batch.stdout, "b-1\nb-2\n");
  const { stdout } = await lab.run([...create, "c", "--json"]);
  assert.deepEqual(JSON.parse(stdout), ["c"]);
});

Deno.test("create -q prints the vmid where the cluster cannot be asked for other hostnames any more", async () => {
  await using lab: Lab = await startLab({
    onRequest: ({ method, path }) => {
      if (method !== "PUT" || !path.endsWith("/lxc/100/config")) return;
      for (const node of ["pve01", "pve02"]) {
        lab.simulator.inject({ name: "status", path: `/nodes/${node}/lxc`, status: 500 });
      }
    },
  });
  const args = [
    "create",
    "--no-start",
    "--yes",
    "--template",
    "debian-13",
    "--hostname",
    "a",
    "-q",
  ];
  const { status, stdout, stderr } = await lab.run([...args, "--node", "pve01"]);
  assert.deepEqual([status, stdout], [0, "100\n"], stderr);
});

Deno.test("destroy -q prints the words by which what was destroyed was found", async () => {
  await using lab = await labOfNames();
  const one = await lab.run(["destroy", "-q", "103", "--yes"]);
  assert.deepEqual([one.status, one.stdout], [0, "103\n"]);
  const two = await lab.run(["destroy", "-q", "--tag", "w", "--yes"]);
  assert.deepEqual([two.status, two.stdout.split("\n").toSorted()], [0, ["", "web-10", "web-2"]]);
});

Deno.test("list --sort sorts by a column, numbers in names as numbers", async () => {
  await using lab = await labOfNames();
  const vmids = async (...args: string[]): Promise<readonly number[]> => {
    const { stdout } = await lab.run(["list", "--json", ...args]);
    return JSON.parse(stdout).map(({ vmid }: { vmid: number }) => vmid);
  };
  assert.deepEqual(await vmids(), [100, 101, 102, 103, 104]);
  assert.deepEqual(await vmids("--sort", "name"), [104, 101, 100, 102, 103]);
  change(lab, 103, { cores: "8" });
  assert.deepEqual((await vmids("--sort", "cores"))[0], 103);
  assert.equal((await lab.run(["list", "--sort", "nosuch"])).status, 2);
});

Deno.test("list says on standard error that there are no containers, or none that match", async () => {
  await using lab = await startLab();
  const none = await lab.run(["list"]);
  assert.deepEqual(none, { status: 0, stdout: "", stderr: "no containers\n" });
  await lab.run(["create", "--hostname", "a", "--template", "debian-13", "--no-start", "--yes"]);
  const unmatched = await lab.run(["list", "--tag", "nosuch", "--status", "running"]);
  assert.deepEqual([unmatched.status, unmatched.stdout], [0, ""]);
  assert.equal(unmatched.stderr, "no containers match --status running --tag nosuch\n");
  assert.deepEqual(await lab.run(["list", "--tag", "nosuch", "--json"]), {
    status: 0,
    stdout: "[]\n",
    stderr: "",
  });
});
