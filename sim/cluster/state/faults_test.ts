import assert from "node:assert/strict";
import { callApi } from "../rest/call.ts";
import { callAndWait, makeCt, testCluster, TESTER } from "../../tests/cluster.ts";
import { type Fault, holds, strike } from "./faults.ts";
import { OTHERS_NOTE, replaceCt } from "./ct/replace.ts";

Deno.test("strike() finds the fault that fits, and counts it down", () => {
  const faults: Fault[] = [
    { name: "drop", method: "POST", path: "/lxc", times: 2 },
    { name: "delay", ms: 5 },
  ];
  const at = { method: "POST", path: "/nodes/pve01/lxc" };
  assert.equal(strike({ faults }, "drop", { ...at, method: "GET" }), undefined);
  assert.equal(strike({ faults }, "drop", { ...at, path: "/nodes" }), undefined);
  assert.ok(strike({ faults }, "drop", at));
  assert.ok(strike({ faults }, "drop", at));
  assert.equal(strike({ faults }, "drop", at), undefined);
  assert.equal(strike({ faults }, "delay", at)?.ms, 5);
  assert.deepEqual(faults, [{ name: "delay", ms: 5 }]);
});

Deno.test("holds() does not use a standing fault up", () => {
  const faults: Fault[] = [{ name: "node-down", node: "pve01", times: 1 }];
  assert.ok(holds({ faults }, "node-down", { node: "pve01" }));
  assert.ok(holds({ faults }, "node-down", { node: "pve01" }));
  assert.equal(holds({ faults }, "node-down", { node: "pve02" }), undefined);
});

Deno.test("a task failure strikes the next task of its type", async () => {
  const cluster = testCluster();
  cluster.faults.push({ name: "task-failure", type: "vzstart", message: "no luck", times: 1 });
  assert.equal((await makeCt(cluster, {}, true)).exitstatus, "no luck");
  const start = await callAndWait(cluster, "POST", "/nodes/pve01/lxc/100/status/start");
  assert.equal(start.exitstatus, "OK");
});

Deno.test("a node that is down is offline, and cannot be reached", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  cluster.faults.push({ name: "node-down", node: "pve01" });
  const lxc = callApi(cluster, TESTER, "GET", "/nodes/pve01/lxc");
  await assert.rejects(lxc, { status: 595, message: "No route to host" });
  const nodes = Object(await callApi(cluster, TESTER, "GET", "/nodes"));
  assert.deepEqual(
    nodes.map(({ node, status }: Record<string, string>) => [node, status]),
    [["pve01", "offline"], ["pve02", "online"]],
  );
  const guests = Object(
    await callApi(cluster, TESTER, "GET", "/cluster/resources", { type: "vm" }),
  );
  assert.equal(guests[0].status, "unknown");
  assert.ok(Array.isArray(await callApi(cluster, TESTER, "GET", "/nodes/localhost/lxc")));
});

Deno.test("a storage that is not active is listed without room", async () => {
  const cluster = testCluster();
  cluster.faults.push({ name: "storage-inactive", storage: "local-lvm", node: "pve01" });
  const list = async (node: string): Promise<Record<string, unknown>> => {
    const storages = Object(await callApi(cluster, TESTER, "GET", `/nodes/${node}/storage`));
    return storages.find(({ storage }: Record<string, unknown>) => storage === "local-lvm");
  };
  const { used_fraction, ...there } = await list("pve02");
  assert.equal(there["active"], 1);
  assert.equal(typeof used_fraction, "number");
  const room = { total: 0, used: 0, avail: 0 };
  assert.deepEqual(await list("pve01"), { ...there, active: 0, ...room });
});

Deno.test("a busy configuration file times out", async () => {
  const cluster = testCluster({ timings: { lockTimeoutMs: 10 } });
  await makeCt(cluster);
  cluster.faults.push({ name: "busy", path: "/lxc/100", times: 1 });
  const put = () =>
    callApi(cluster, TESTER, "PUT", "/nodes/pve01/lxc/100/config", { memory: "600" });
  await assert.rejects(put(), {
    message: "can't lock file '/run/lock/lxc/pve-config-100.lock' - got timeout",
  });
  await put();
});

Deno.test("somebody else takes the vmid at once, or while a configuration file cannot be locked", async () => {
  const cluster = testCluster({ timings: { lockTimeoutMs: 10, createMs: 20 } });
  const hostname = () => cluster.cts.get(100)?.config["hostname"];
  await makeCt(cluster);
  cluster.faults.push({ name: "replaced-while-busy", path: "/lxc/100", message: "db", times: 1 });
  const { exitstatus } = await callAndWait(cluster, "DELETE", "/nodes/pve01/lxc/100");
  assert.match(exitstatus ?? "", /can't lock file .* got timeout/);
  assert.equal(hostname(), "db");
  const other = cluster.cts.get(100);
  assert.equal(other?.status, "running");
  assert.equal(other.config["description"], OTHERS_NOTE);
  assert.ok(cluster.volumes.some(({ volid }) => other.config["rootfs"]?.startsWith(volid)));
  replaceCt(cluster, 100, "web");
  assert.equal(hostname(), "web");
  // Whoever works on it is through first.
  const creating = makeCt(cluster, { vmid: "101", hostname: "mine" });
  const replaced = Promise.withResolvers<unknown>();
  while (!cluster.locks.has(101)) await cluster.clock.sleep(1);
  replaceCt(cluster, 101, undefined, ({ config }) => replaced.resolve(config["hostname"]));
  assert.equal(cluster.cts.get(101)?.config["lock"], "create");
  assert.equal(await replaced.promise, "somebody-else");
  assert.equal((await creating).exitstatus, "OK");
});
