import assert from "node:assert/strict";
import { toldAt } from "../state/ct/ct.ts";
import { placeCt } from "../state/ct/place.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Who } from "../state/who.ts";
import { callAndWait, makeCt, testCluster, TESTER } from "../../tests/cluster.ts";
import { callApi } from "./call.ts";

type Item = Record<string, unknown>;

async function list(
  cluster: Cluster,
  path: string,
  params: Record<string, string> = {},
  who: Who = TESTER,
): Promise<Item[]> {
  const data = await callApi(cluster, who, "GET", path, params);
  assert.ok(Array.isArray(data), `${path} is no list`);
  return data;
}

function pick(items: readonly Item[], ...keys: string[]): unknown[][] {
  return items.map((item) => keys.map((key) => item[key]));
}

Deno.test("callApi() knows no path or method that Proxmox has not", async () => {
  const cluster = testCluster();
  await assert.rejects(callApi(cluster, TESTER, "GET", "/nosuch"), {
    status: 501,
    message: "Method 'GET /nosuch' not implemented",
  });
  await assert.rejects(callApi(cluster, TESTER, "POST", "/version"), { status: 501 });
  await assert.rejects(callApi(cluster, TESTER, "GET", "/nodes/nosuch/lxc"), {
    message: "hostname lookup 'nosuch' failed - failed to get address info for: nosuch: " +
      "Name or service not known",
  });
});

Deno.test("callApi() checks rights before parameters", async () => {
  const cluster = testCluster();
  const who = { user: "none@pve" };
  await assert.rejects(
    callApi(cluster, who, "PUT", "/nodes/pve01/lxc/100/config", { bogus: "1" }),
    {
      status: 403,
    },
  );
  await assert.rejects(
    callApi(cluster, TESTER, "PUT", "/nodes/pve01/lxc/100/config", { bogus: "1" }),
    { status: 400 },
  );
  await assert.rejects(callApi(cluster, TESTER, "GET", "/nodes/pve01/lxc/99/config"), {
    errors: { vmid: "invalid format - value does not look like a valid VM ID\n" },
  });
});

Deno.test("/cluster/status names the cluster and its nodes, or one node alone", async () => {
  const cluster = testCluster();
  const status = await list(cluster, "/cluster/status");
  assert.deepEqual(pick(status, "type", "name", "ip"), [
    ["cluster", "demo", undefined],
    ["node", "pve01", "10.77.0.11"],
    ["node", "pve02", "10.77.0.12"],
  ]);
  await assert.rejects(callApi(cluster, { user: "pool@pve" }, "GET", "/cluster/status"), {
    message: "Permission check failed (/, Sys.Audit)",
  });
});

Deno.test("/cluster/resources shows a new container late, and nameless at first", async () => {
  let now = Date.now();
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const cluster = testCluster({ clock, timings: { resourcesEveryMs: 10_000 } });
  now = toldAt(cluster, "pve01") + 1;
  const seen = async () =>
    pick(await list(cluster, "/cluster/resources", { type: "vm" }), "name", "status");
  await makeCt(cluster, { tags: "web" });
  assert.deepEqual(await seen(), [[undefined, "unknown"]]);
  now += 10_001;
  assert.deepEqual(await seen(), [["web", "stopped"]]);
  await callAndWait(cluster, "POST", "/nodes/pve01/lxc/100/status/start");
  assert.deepEqual(await seen(), [["web", "stopped"]]);
  assert.deepEqual(pick(await list(cluster, "/nodes/pve01/lxc"), "name", "status"), [
    ["web", "running"],
  ]);
  now += 10_001;
  assert.deepEqual(await seen(), [["web", "running"]]);
});

Deno.test("/cluster/resources and the lists show each what it may see, silently", async () => {
  const cluster = testCluster();
  placeCt(cluster, { vmid: 100, node: "pve01", pool: "dev", status: "running" });
  placeCt(cluster, { vmid: 101, node: "pve02", config: { tags: "web" } });
  cluster.vms.set(102, { vmid: 102, node: "pve01", name: "win", status: "running" });
  const ids = async (user: string) =>
    (await list(cluster, "/cluster/resources", {}, { user })).map(({ id }) => id);
  assert.deepEqual(await ids("root@pam"), [
    "/pool/dev",
    "lxc/100",
    "lxc/101",
    "qemu/102",
    "node/pve01",
    "node/pve02",
    "storage/pve01/local",
    "storage/pve01/local-lvm",
    "storage/pve02/local",
    "storage/pve02/local-lvm",
    "storage/pve02/tank",
    "network/pve01/zone/localnetwork",
    "network/pve02/zone/localnetwork",
  ]);
  assert.deepEqual(await ids("none@pve"), ["node/pve01", "node/pve02"]);
  assert.ok((await ids("pool@pve")).includes("lxc/100"));
  assert.equal((await ids("pool@pve")).includes("lxc/101"), false);
  const none = { user: "none@pve" };
  for (const path of ["/nodes/pve01/storage", "/nodes/pve01/lxc", "/pools", "/cluster/tasks"]) {
    assert.deepEqual(await list(cluster, path, {}, none), []);
  }
  assert.deepEqual(
    pick(await list(cluster, "/nodes/pve01/network", {}, none), "iface"),
    [["eno1"]],
  );
});

Deno.test("the choosers filter by content, by type and by what is enabled", async () => {
  const cluster = testCluster();
  const tank = cluster.storages.get("tank");
  if (tank) cluster.storages.set("tank", { ...tank, enabled: false });
  const storages = (params: Record<string, string>) =>
    list(cluster, "/nodes/pve02/storage", params).then((items) => pick(items, "storage").flat());
  assert.deepEqual(await storages({ content: "rootdir" }), ["local-lvm", "tank"]);
  assert.deepEqual(await storages({ content: "rootdir", enabled: "1" }), ["local-lvm"]);
  const bridges = await list(cluster, "/nodes/pve01/network", { type: "any_bridge" });
  assert.deepEqual(pick(bridges, "iface"), [["vmbr0"], ["vmbr1"]]);
  await assert.rejects(callApi(cluster, TESTER, "GET", "/nodes/pve02/storage/tank/status"), {
    message: "storage 'tank' is disabled",
  });
  const status = await callApi(cluster, TESTER, "GET", "/nodes/pve01/storage/local-lvm/status");
  const { total, used, avail } = Object(status);
  assert.equal(total, used + avail);
});

Deno.test("/cluster/nextid names the first free vmid, and refuses one that is taken", async () => {
  const cluster = testCluster();
  placeCt(cluster, { vmid: 100, node: "pve01" });
  cluster.vms.set(101, { vmid: 101, node: "pve01", name: "win", status: "stopped" });
  assert.equal(await callApi(cluster, TESTER, "GET", "/cluster/nextid"), "102");
  assert.equal(await callApi(cluster, TESTER, "GET", "/cluster/nextid", { vmid: "500" }), "500");
  await assert.rejects(callApi(cluster, TESTER, "GET", "/cluster/nextid", { vmid: "101" }), {
    errors: { vmid: "VM 101 already exists" },
  });
});

Deno.test("tasks are read by who started them, and by auditors", async () => {
  const cluster = testCluster();
  const { upid } = await makeCt(cluster);
  const path = `/nodes/pve01/tasks/${encodeURIComponent(upid)}`;
  const status = (user: string) => callApi(cluster, { user }, "GET", `${path}/status`);
  assert.equal(Object(await status("audit@pve")).exitstatus, "OK");
  // A user owns the tasks of its tokens.
  assert.equal(Object(await status("root@pam")).tokenid, "pxrun");
  await assert.rejects(status("none@pve"), {
    message: "Permission check failed (/nodes/pve01, Sys.Audit)",
  });
  await assert.rejects(callApi(cluster, { user: "none@pve" }, "DELETE", path), { status: 403 });
  const other = path.replace("pve01", "pve02");
  await assert.rejects(callApi(cluster, TESTER, "GET", `${other}/status`), {
    errors: { upid: "no such task" },
  });
  const log = (params: Record<string, string>) => list(cluster, `${path}/log`, params);
  assert.equal((await log({ limit: "0" })).at(-1)?.["t"], "TASK OK");
  assert.deepEqual(pick(await log({ start: "2", limit: "2" }), "n"), [[3], [4]]);
});

Deno.test("the task list holds ended tasks only, unless it is asked for others", async () => {
  const cluster = testCluster({ timings: { startMs: 60_000 } });
  await makeCt(cluster);
  await callAndWait(cluster, "POST", "/nodes/pve01/lxc/299/status/start");
  await callApi(cluster, TESTER, "POST", "/nodes/pve01/lxc/100/status/start");
  const types = async (params: Record<string, string>) =>
    pick(await list(cluster, "/nodes/pve01/tasks", params), "type", "status");
  const failed = "Configuration file 'nodes/pve01/lxc/299.conf' does not exist";
  assert.deepEqual(await types({}), [["vzstart", failed], ["vzcreate", "OK"]]);
  assert.deepEqual(await types({ errors: "1" }), [["vzstart", failed]]);
  assert.deepEqual(await types({ source: "active" }), [["vzstart", "RUNNING"]]);
  assert.deepEqual(await types({ vmid: "100", source: "all" }), [
    ["vzstart", "RUNNING"],
    ["vzcreate", "OK"],
  ]);
  for (const task of cluster.tasks.values()) task.abort.abort(new Error("over"));
});

Deno.test("/pools lists members, and moves guests in and out", async () => {
  const cluster = testCluster();
  placeCt(cluster, { vmid: 100, node: "pve01" });
  await callApi(cluster, TESTER, "PUT", "/pools/dev", { vms: "100", storage: "local" });
  const pool = Object(await callApi(cluster, TESTER, "GET", "/pools/dev"));
  assert.deepEqual(pick(pool.members, "id"), [["lxc/100"], ["storage/local"]]);
  await callApi(cluster, TESTER, "PUT", "/pools/dev", { vms: "100", delete: "1" });
  assert.equal(cluster.cts.get(100)?.pool, undefined);
  await assert.rejects(callApi(cluster, TESTER, "GET", "/pools/nosuch"), {
    message: "pool 'nosuch' does not exist",
  });
});

Deno.test("node descriptions need Sys.Audit", async () => {
  const cluster = testCluster();
  for (const what of ["status", "dns", "time"]) {
    const get = (user: string) => callApi(cluster, { user }, "GET", `/nodes/pve01/${what}`);
    assert.ok(await get("audit@pve"));
    await assert.rejects(get("pool@pve"), { status: 403 });
  }
});
