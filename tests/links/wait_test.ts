import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { connect } from "../../lib/cluster/connect.ts";
import type { Cluster } from "../../sim/mod.ts";
import { startTask } from "../../sim/cluster/state/tasks.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const create = ["create", "--hostname", "a", "--template", "debian-13", "--no-start"];

/** The UPID of the newest task of a kind. */
function upidOf({ tasks }: Cluster, type: string): string {
  const upid = [...tasks.values()].findLast((task) => task.type === type)?.upid;
  assert.ok(upid !== undefined);
  return upid;
}

/** Begins a create that nobody waits for; gives the UPID of its task. */
async function begun(lab: Lab): Promise<string> {
  await using cluster = await connect(lab.platform());
  const upid = await cluster.rest.post("/nodes/pve01/lxc", {
    vmid: 105,
    hostname: "a",
    rootfs: "local-lvm:4",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  });
  return String(upid);
}

Deno.test("wait waits for the end of a task and says how to go on", async () => {
  await using lab = await startLab({ timings: { createMs: 300 } });
  const upid = await begun(lab);
  const { status, stdout, stderr } = await lab.run(["wait", upid]);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /✓ task vzcreate 105 on pve01 [^\n]*\n! Systemd 257 detected/);
  assert.match(stderr, /container 105 \(a\) is stopped; start it: pct start 105 on pve01; /);
  assert.match(stderr, /pxrun provision 105 RECIPE provisions it; pxrun destroy 105 removes it\n$/);

  const again = await lab.run(["wait", upid, "--format", "json"]);
  assert.equal(again.status, 0, again.stderr);
  const { node, type, id, warnings, next } = JSON.parse(again.stdout);
  const warning = "Systemd 257 detected. You may need to enable nesting.";
  assert.deepEqual([node, type, id, warnings], ["pve01", "vzcreate", "105", [warning]]);
  assert.deepEqual(next.remedies[0], { kind: "provision", container: 105 });

  const verbose = await lab.run(["resume", upid, "--verbose"]);
  assert.match(verbose.stderr, /TASK WARNINGS: 1\n/);
  assert.deepEqual(lab.changes(), ["POST /nodes/pve01/lxc"]);
});

Deno.test("wait has nothing more to say of a task after which nothing is left to do", async () => {
  await using lab = await startLab();
  const { cluster } = lab.simulator;
  const resumed = async (type: string): Promise<void> => {
    const { status, stderr } = await lab.run(["wait", upidOf(cluster, type)]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^✓ task vz\w+ 100 on pve01 [^\n]*\n$/);
  };
  assert.equal((await lab.run(create)).status, 0);
  // A container that was saved is there, and not for that to be gone on with.
  const who = { user: "root@pam" };
  startTask(cluster, { node: "pve01", type: "vzdump", id: "100", who }, async () => {});
  await resumed("vzdump");
  assert.equal((await lab.run(["destroy", "a", "--yes"])).status, 0);
  await resumed("vzcreate");
  await resumed("vzdestroy");
});

Deno.test("wait fails as the task did, and shows the end of its log", async () => {
  await using lab = await startLab();
  const fault = { message: "no more disks", log: ["lvcreate: thin pool is full"] };
  lab.simulator.inject({ name: "task-failure", type: "vzcreate", ...fault });
  assert.equal((await lab.run(create)).status, 1);
  const { status, stderr } = await lab.run(["wait", upidOf(lab.simulator.cluster, "vzcreate")]);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /task vzcreate 100 on pve01 failed: .*\n.*\n {4}lvcreate: thin pool is full\n/,
  );
});

Deno.test("wait tells a task that nobody knows, and what is no UPID", async () => {
  await using lab = await startLab();
  const upid = "UPID:pve01:0000ABCD:00012345:6B039D73:vzcreate:105:root@pam:";
  for (const unknown of [upid, upid.replace("pve01", "pve09")]) {
    const { status, stderr } = await lab.run(["wait", unknown]);
    assert.equal(status, 3, stderr);
    assert.match(stderr, /task vzcreate 105 on pve0\d not found/);
  }
  const { status, stderr } = await lab.run(["wait", "105"]);
  assert.equal(status, 2);
  assert.match(stderr, /'105' is not a UPID/);
});

Deno.test("wait on Ctrl-C only ends the wait", async () => {
  await using lab = await startLab({ timings: { createMs: 20_000 } });
  const upid = await begun(lab);
  const platform = lab.platform();
  const running = runCli(["wait", upid], platform);
  const asked = (): boolean => lab.simulator.requests.some(({ path }) => path.endsWith("/log"));
  await until("the first look", asked);
  platform.interrupt();
  assert.equal(await running, 130);
  assert.match(
    platform.stderr(),
    /error: not waiting any more: task vzcreate 105 on pve01 goes on\n/,
  );
  assert.ok(platform.stderr().includes(`hint: wait for its end with pxrun wait '${upid}'\n`));
  assert.equal(lab.simulator.cluster.tasks.get(upid)?.exitstatus, undefined);
  assert.deepEqual(lab.changes(), ["POST /nodes/pve01/lxc"]);
});
