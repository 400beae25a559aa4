import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];

/** What stands where the reply of the API should be. */
const BODIES = { nothing: "", null: '{"data":null}', "a page": "<html>please log in</html>" };

async function run(lab: Lab, args: readonly string[]) {
  const platform = lab.platform();
  const status = await runCli(args, { ...platform, clock: fastClock(20) });
  return { status, stdout: platform.stdout(), stderr: platform.stderr() };
}

for (const [name, message] of Object.entries(BODIES)) {
  for (const path of ["/nodes/pve01/lxc", "/status/start"]) {
    Deno.test(`create finds its own task when ${name} is the reply to POST ${path}`, async () => {
      await using lab = await startLab();
      lab.simulator.inject({ name: "odd-reply", method: "POST", path, message, times: 1 });
      const { status, stderr } = await run(lab, create);
      assert.equal(status, 0, stderr);
      assert.deepEqual(lab.containers(), ["100 web-1"]);
      const posts = lab.changes().filter((change) => change.startsWith("POST"));
      assert.equal(posts.length, 2, posts.join("\n"));
    });
  }

  Deno.test(`destroy finds its own task when ${name} is the reply to its DELETE`, async () => {
    await using lab = await startLab();
    assert.equal((await run(lab, create)).status, 0);
    const path = "/lxc/100";
    lab.simulator.inject({ name: "odd-reply", method: "DELETE", path, message, times: 1 });
    const { status, stderr } = await run(lab, ["destroy", "web-1", "--yes"]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), []);
    assert.equal(lab.changes().filter((change) => change.startsWith("DELETE")).length, 1);
  });

  Deno.test(`destroy --force reads again when ${name} is the reply to its PUT`, async () => {
    await using lab = await startLab();
    assert.equal((await run(lab, create)).status, 0);
    const ct = lab.simulator.cluster.cts.get(100);
    assert.ok(ct);
    ct.config["protection"] = "1";
    lab.simulator.inject({ name: "odd-reply", method: "PUT", path: "/config", message, times: 1 });
    const { status, stderr } = await run(lab, ["destroy", "web-1", "--yes", "--force"]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), []);
  });

  Deno.test(`destroy and cleanup do not take a container for gone when ${name} is its configuration`, async () => {
    await using lab = await startLab();
    assert.equal((await run(lab, create)).status, 0);
    const ct = lab.simulator.cluster.cts.get(100);
    assert.ok(ct);
    ct.config["tags"] = "pxrun-creating";
    lab.simulator.inject({ name: "odd-reply", method: "GET", path: "/lxc/100/config", message });
    for (const args of [["destroy", "web-1", "--yes"], ["cleanup", "--yes"], ["doctor"]]) {
      const { status, stdout, stderr } = await run(lab, args);
      assert.equal(status, 1, args[0] + stdout + stderr);
      assert.doesNotMatch(stdout + stderr, /gone|no leftovers|no create was left/);
    }
    assert.deepEqual(lab.containers(), ["100 web-1"]);
  });
}

/** Rows of `GET /nodes/pve01/lxc` that lack something, or have it in another form. */
const ROWS: readonly Readonly<Record<string, unknown>>[] = [
  { vmid: 201, status: "running", name: null, tags: null, lock: null, template: null },
  { vmid: "202", name: "no-status", maxmem: "512M", mem: {}, uptime: null, cpus: "" },
  { vmid: 203, status: "stopped", name: "base", template: true, maxdisk: "unknown", tags: ["a"] },
  { vmid: 204, status: "stopped", name: "", lock: "", tags: " ", netin: 1.5, later: { x: 1 } },
  { vmid: 205, status: "running", name: "fine", maxmem: 0, cpus: 1.5, tags: "web;db" },
];

Deno.test("list shows every container of a node, also those with odd fields", async () => {
  await using lab = await startLab();
  const message = JSON.stringify({ data: ROWS });
  lab.simulator.inject({ name: "odd-reply", method: "GET", path: "/nodes/pve01/lxc", message });
  const { status, stdout, stderr } = await run(lab, ["list", "--format", "json"]);
  assert.equal(status, 0, stderr);
  const rows: { vmid: number; status: string; problem?: string }[] = JSON.parse(stdout);
  assert.deepEqual(
    rows.map(({ vmid, status, problem }) => [vmid, status, problem]),
    [
      [201, "running", undefined],
      [202, "unknown", undefined],
      [203, "stopped", undefined],
      [204, "stopped", undefined],
      [205, "running", undefined],
    ],
  );
});

Deno.test("create places a container although a storage does not say its room in a number", async () => {
  for (const avail of [undefined, null, "", "unknown", -1]) {
    await using lab = await startLab();
    const odd = { storage: "odd", type: "dir", content: "rootdir", active: 1, enabled: 1, avail };
    const local = { ...odd, storage: "local", content: "vztmpl,iso" };
    const message = JSON.stringify({ data: [odd, local] });
    const path = "/nodes/pve01/storage";
    lab.simulator.inject({ name: "odd-reply", method: "GET", path, message, times: 1 });
    const args = [...create, "--dry-run", "--format", "json"];
    const { status, stdout, stderr } = await run(lab, args);
    if (avail === -1) {
      assert.equal(status, 1);
      assert.match(stdout, /no storage on pve01 has room/);
      continue;
    }
    assert.equal(status, 0, stdout + stderr);
    assert.equal(JSON.parse(stdout).storage, "odd");
  }
});

Deno.test("list selects no template by its tag that is on a node that cannot be listed", async () => {
  await using lab = await startLab({ timings: { resourcesEveryMs: 0 } });
  const config = { tags: "web", template: "1" };
  placeCt(lab.simulator.cluster, { vmid: 200, node: "pve02", config });
  placeCt(lab.simulator.cluster, { vmid: 201, node: "pve02", config: { tags: "web" } });
  const message = "hostname lookup 'pve02' failed - failed to get address info for: pve02";
  lab.simulator.inject({ name: "status", path: "/nodes/pve02/lxc", status: 500, message });
  const { stdout } = await run(lab, ["list", "--tag", "web", "--format", "json"]);
  assert.deepEqual(JSON.parse(stdout).map(({ vmid }: { vmid: number }) => vmid), [201]);
});
