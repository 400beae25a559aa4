import assert from "node:assert/strict";
import { callApi } from "../rest/call.ts";
import { callAndWait, testCluster, TESTER } from "../../tests/cluster.ts";
import type { Cluster } from "./cluster.ts";

const TEMPLATE = "ubuntu-24.04-standard_24.04-2_amd64.tar.zst";
const DOWNLOAD = "/nodes/pve01/aplinfo";

async function templates(cluster: Cluster, node: string): Promise<string[]> {
  const path = `/nodes/${node}/storage/local/content`;
  const list = await callApi(cluster, TESTER, "GET", path, { content: "vztmpl" });
  return Object(list).map(({ volid }: { volid: string }) => volid);
}

Deno.test("downloadTemplate() puts a template of the index on the storage of one node", async () => {
  const cluster = testCluster();
  const params = { storage: "local", template: TEMPLATE };
  const task = await callAndWait(cluster, "POST", DOWNLOAD, params);
  assert.deepEqual([task.exitstatus, task.type, task.id], ["OK", "download", TEMPLATE]);
  assert.ok((await templates(cluster, "pve01")).includes(`local:vztmpl/${TEMPLATE}`));
  const again = await callAndWait(cluster, "POST", DOWNLOAD, params);
  assert.match(again.log.join("\n"), /got correct file already, no need to download\nTASK OK$/);
});

Deno.test("downloadTemplate() refuses what is not in the index, and where templates cannot lie", async () => {
  const cluster = testCluster();
  const download = (params: Record<string, string>) =>
    callApi(cluster, TESTER, "POST", DOWNLOAD, params);
  await assert.rejects(download({ storage: "local", template: "nosuch.tar.zst" }), {
    errors: { template: "no such template" },
  });
  await assert.rejects(download({ storage: "local-lvm", template: TEMPLATE }), {
    message: "storage 'local-lvm' does not support templates",
  });
  cluster.faults.push({ name: "full-storage", storage: "local" });
  const task = await callAndWait(cluster, "POST", DOWNLOAD, {
    storage: "local",
    template: TEMPLATE,
  });
  assert.match(task.exitstatus ?? "", /^download failed: .*No space left on device$/);
});

Deno.test("deleteVolume() ends well, even for what is not there", async () => {
  const cluster = testCluster();
  const [volid = ""] = await templates(cluster, "pve01");
  const path = `/nodes/pve01/storage/local/content/${encodeURIComponent(volid)}`;
  for (let i = 0; i < 2; i++) {
    assert.equal((await callAndWait(cluster, "DELETE", path)).exitstatus, "OK");
  }
  assert.equal((await templates(cluster, "pve01")).includes(volid), false);
  await assert.rejects(callApi(cluster, { user: "pxrun@pve" }, "DELETE", path), { status: 403 });
});
