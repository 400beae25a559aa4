import assert from "node:assert/strict";
import { callApi } from "../../rest/call.ts";
import { callAndWait, makeCt, testCluster, TESTER } from "../../../tests/cluster.ts";
import type { Cluster } from "../cluster.ts";

const CT = "/nodes/pve01/lxc/100";

async function names(cluster: Cluster): Promise<[string, string | undefined][]> {
  const list = await callApi(cluster, TESTER, "GET", `${CT}/snapshot`);
  return Object(list).map(({ name, parent }: { name: string; parent?: string }) => [name, parent]);
}

Deno.test("makeSnapshot() keeps the configuration, rollbackSnapshot() brings it back", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { memory: "512" }, true);
  await callAndWait(cluster, "POST", `${CT}/snapshot`, { snapname: "s1", description: "first" });
  await callApi(cluster, TESTER, "PUT", `${CT}/config`, { memory: "2048" });
  await callAndWait(cluster, "POST", `${CT}/snapshot`, { snapname: "s2" });
  assert.deepEqual(await names(cluster), [["s1", undefined], ["s2", "s1"], ["current", "s2"]]);
  await callAndWait(cluster, "POST", `${CT}/snapshot/s1/rollback`);
  const ct = cluster.cts.get(100);
  assert.deepEqual([ct?.config["memory"], ct?.status], ["512", "stopped"]);
  const old = await callApi(cluster, TESTER, "GET", `${CT}/config`, { snapshot: "s2" });
  assert.equal(Object(old).memory, 2048);
});

Deno.test("deleteSnapshot() hands its parent on", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  for (const snapname of ["s1", "s2", "s3"]) {
    await callAndWait(cluster, "POST", `${CT}/snapshot`, { snapname });
  }
  await callAndWait(cluster, "DELETE", `${CT}/snapshot/s2`);
  assert.deepEqual(await names(cluster), [["s1", undefined], ["s3", "s1"], ["current", "s3"]]);
  await callAndWait(cluster, "DELETE", `${CT}/snapshot/s3`);
  await callAndWait(cluster, "DELETE", `${CT}/snapshot/s1`);
  assert.deepEqual(await names(cluster), [["current", undefined]]);
});

Deno.test("snapshots that cannot be made fail in their task, a reserved name at once", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  const make = (snapname: string) => callAndWait(cluster, "POST", `${CT}/snapshot`, { snapname });
  await make("s1");
  assert.equal((await make("s1")).exitstatus, "snapshot name 's1' already used");
  const gone = await callAndWait(cluster, "DELETE", `${CT}/snapshot/nosuch`);
  assert.equal(gone.exitstatus, "snapshot 'nosuch' does not exist");
  await assert.rejects(make("current"), {
    message: "unable to use snapshot name 'current' (reserved name)",
  });
  const storage = cluster.storages.get("local-lvm");
  if (storage) cluster.storages.set("local-lvm", { ...storage, snapshots: false });
  assert.equal((await make("s2")).exitstatus, "snapshot feature is not available");
});

Deno.test("cloneCt() copies configuration and volumes under a new vmid", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { tags: "web", mp0: "local-lvm:1,mp=/data" });
  const task = await callAndWait(cluster, "POST", `${CT}/clone`, {
    newid: "200",
    hostname: "copy",
  });
  assert.equal(task.exitstatus, "OK");
  const copy = cluster.cts.get(200);
  assert.deepEqual([copy?.config["hostname"], copy?.config["tags"]], ["copy", "web"]);
  assert.equal(copy?.config["mp0"], "local-lvm:vm-200-disk-0,mp=/data,size=1G");
  assert.equal(copy.config["lock"], undefined);
  await assert.rejects(callApi(cluster, TESTER, "POST", `${CT}/clone`, { newid: "200" }), {
    message: "CT 200 already exists on node 'pve01'",
  });
});

Deno.test("resizeCt() grows a volume, and refuses to shrink it", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  const resize = (size: string) =>
    callAndWait(cluster, "PUT", `${CT}/resize`, { disk: "rootfs", size });
  assert.equal((await resize("+512M")).exitstatus, "OK");
  assert.equal(cluster.cts.get(100)?.config["rootfs"], "local-lvm:vm-100-disk-0,size=4608M");
  await assert.rejects(resize("1G"), { message: "unable to shrink disk size" });
  await assert.rejects(
    callApi(cluster, TESTER, "PUT", `${CT}/resize`, { disk: "mp3", size: "+1G" }),
    { message: "format error" },
  );
});
