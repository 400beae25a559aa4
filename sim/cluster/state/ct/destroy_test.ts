import assert from "node:assert/strict";
import { callApi } from "../../rest/call.ts";
import { callAndWait, makeCt, testCluster, TESTER } from "../../../tests/cluster.ts";
import { toldAt } from "./ct.ts";
import { placeCt } from "./place.ts";

const CT = "/nodes/pve01/lxc/100";

Deno.test("destroyCt() refuses what is protected, locked, running or not there", async () => {
  const cluster = testCluster();
  const destroy = () => callApi(cluster, TESTER, "DELETE", CT);
  await assert.rejects(destroy(), {
    message: "Configuration file 'nodes/pve01/lxc/100.conf' does not exist",
  });
  await makeCt(cluster, {}, true);
  await assert.rejects(destroy(), {
    message: "unable to destroy CT 100 - container is running",
  });
  await callApi(cluster, TESTER, "PUT", `${CT}/config`, { protection: "1" });
  await assert.rejects(destroy(), { message: "can't remove CT 100 - protection mode enabled" });
  await callApi(cluster, TESTER, "PUT", `${CT}/config`, { protection: "0", lock: "backup" });
  await assert.rejects(destroy(), { message: "CT is locked (backup)" });
  await assert.rejects(callApi(cluster, { user: "audit@pve" }, "DELETE", CT), {
    message: "Permission check failed (/vms/100, VM.Allocate)",
  });
});

Deno.test("destroyCt() with force and purge takes all of a running container away", async () => {
  const cluster = testCluster();
  const before = cluster.volumes.length;
  await makeCt(cluster, { mp0: "local-lvm:1,mp=/data" }, true);
  cluster.acls.push({ path: "/vms/100", who: "none@pve", role: "PVEVMUser", propagate: true });
  const task = await callAndWait(cluster, "DELETE", CT, { force: "1", purge: "1" });
  assert.deepEqual(task.log, [
    "forced to stop CT 100 before destroying!",
    "purging CT 100 from related configurations..",
    "TASK OK",
  ]);
  assert.deepEqual([cluster.cts.size, cluster.volumes.length], [0, before]);
  assert.equal(cluster.acls.some(({ path }) => path === "/vms/100"), false);
});

Deno.test("destroyCt() leaves volumes that nothing refers to, unless it is told otherwise", async () => {
  const cluster = testCluster();
  const stray = () => cluster.volumes.filter(({ vmid }) => vmid === 100).map(({ volid }) => volid);
  for (const option of ["0", "1"]) {
    await makeCt(cluster, { mp0: "local-lvm:1,mp=/data" });
    delete cluster.cts.get(100)?.config["mp0"];
    await callAndWait(cluster, "DELETE", CT, { "destroy-unreferenced-disks": option });
    assert.equal(stray().length, option === "0" ? 1 : 0);
  }
});

Deno.test("a vmid that is used again shows its former owner in /cluster/resources until its node tells of it", async () => {
  for (const [since, until] of [[300, "old"], [700, "CT100"]] as const) {
    let now = Date.now();
    const clock = {
      now: () => now,
      sleep: (ms: number) => Promise.resolve(void (now += ms)),
    };
    const timings = { resourcesEveryMs: 1_000, createMs: 400, raceMs: 0 };
    const cluster = testCluster({ timings, clock });
    const shown = async (): Promise<readonly unknown[]> => {
      const rows = Object(
        await callApi(cluster, TESTER, "GET", "/cluster/resources", { type: "vm" }),
      );
      return [rows[0]?.name, rows[0]?.status];
    };
    placeCt(cluster, { vmid: 100, node: "pve01", config: { hostname: "old" }, status: "running" });
    await callAndWait(cluster, "DELETE", CT, { force: "1" });
    now = toldAt(cluster, "pve01") + 60_000 + since;
    await makeCt(cluster, { hostname: "new" });
    assert.deepEqual(await shown(), [until, "stopped"], "so it was when its node last told");
    const listed = Object(await callApi(cluster, TESTER, "GET", "/nodes/pve01/lxc"));
    assert.equal(listed[0].name, "new", "its node reads the configuration");
    now = toldAt(cluster, "pve01") + 1_000;
    assert.deepEqual(await shown(), ["new", "stopped"]);
  }
});
