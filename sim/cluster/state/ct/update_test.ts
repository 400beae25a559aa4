import assert from "node:assert/strict";
import { callApi } from "../../rest/call.ts";
import { callAndWait, makeCt, testCluster, TESTER } from "../../../tests/cluster.ts";
import type { Cluster } from "../cluster.ts";
import { markStopped } from "./pending.ts";
import type { Who } from "../who.ts";

const CONFIG = "/nodes/pve01/lxc/100/config";
const ROOT = { user: "root@pam" };

async function put(
  cluster: Cluster,
  params: Record<string, string>,
  who: Who = TESTER,
): Promise<void> {
  await callApi(cluster, who, "PUT", CONFIG, params);
}

async function get(
  cluster: Cluster,
  params: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  return Object(await callApi(cluster, TESTER, "GET", CONFIG, params));
}

Deno.test("updateCt() changes a stopped container at once", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  await put(cluster, { memory: "1024", tags: "B;a", description: "new" });
  await put(cluster, { delete: "features,tags" });
  const { memory, tags, features, description } = await get(cluster);
  assert.deepEqual({ memory, tags, features, description }, {
    memory: 1024,
    tags: undefined,
    features: undefined,
    description: "new\n",
  });
});

Deno.test("updateCt() refuses a digest that is no longer right", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  const { digest } = await get(cluster);
  await put(cluster, { memory: "600", digest: String(digest) });
  await assert.rejects(put(cluster, { memory: "700", digest: String(digest) }), {
    status: 500,
    message: "detected modified configuration - file changed by other user? Try again.",
  });
  assert.notEqual((await get(cluster))["digest"], digest);
});

Deno.test("updateCt() keeps for the next start what a running container cannot take over", async () => {
  const cluster = testCluster();
  await makeCt(cluster, {}, true);
  await put(cluster, { memory: "600", timezone: "host" });
  const pending = await callApi(cluster, TESTER, "GET", "/nodes/pve01/lxc/100/pending");
  assert.deepEqual(Object(pending).find(({ key }: { key: string }) => key === "timezone"), {
    key: "timezone",
    pending: "host",
  });
  assert.equal((await get(cluster))["timezone"], "host");
  assert.equal((await get(cluster, { current: "1" }))["timezone"], undefined);
  await callAndWait(cluster, "POST", "/nodes/pve01/lxc/100/status/reboot");
  assert.equal((await get(cluster, { current: "1" }))["timezone"], "host");
  await put(cluster, { timezone: "UTC" });
  await put(cluster, { revert: "timezone" });
  assert.equal((await get(cluster))["timezone"], "host");
});

Deno.test("updateCt() names what cannot be deleted, changed or known", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  const refused = async (params: Record<string, string>, message: string, who?: Who) =>
    await assert.rejects(put(cluster, params, who), { message });
  await refused({ digest: "x" }, "no options specified");
  await refused({ delete: "memory" }, "unable to delete required option 'memory'");
  await refused({ unprivileged: "0" }, "unable to modify read-only option: 'unprivileged'");
  await refused({ mp0: "srv/x,mp=/x" }, "unable to parse volume ID 'srv/x'", ROOT);
  await refused({ dev1: "/dev/nosuch" }, "Device /dev/nosuch does not exist", ROOT);
  await refused(
    { hookscript: "local:snippets/x.pl" },
    "script 'local:snippets/x.pl' does not exist",
    ROOT,
  );
  await assert.rejects(put(cluster, { delete: "nosuch" }), {
    errors: { delete: "unknown option 'nosuch'" },
  });
  await assert.rejects(put(cluster, { delete: "tags", tags: "a" }), { status: 400 });
});

Deno.test("updateCt() takes bind mounts and devices from root alone", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  const params = { mp0: "/srv,mp=/srv", features: "nesting=1,keyctl=1", dev0: "/dev/net/tun" };
  await assert.rejects(put(cluster, params), { status: 403 });
  await put(cluster, params, ROOT);
  assert.equal(cluster.cts.get(100)?.config["features"], "nesting=1,keyctl=1");
  // Afterwards a token may change other things, and take the mount point away.
  await put(cluster, { memory: "640", tags: "web" });
  await put(cluster, { delete: "mp0" });
  assert.equal(cluster.cts.get(100)?.config["mp0"], undefined);
});

Deno.test("updateCt() makes new volumes, and keeps removed ones as unused", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  await put(cluster, { mp0: "local-lvm:8,mp=/data" });
  assert.equal(cluster.cts.get(100)?.config["mp0"], "local-lvm:vm-100-disk-1,mp=/data,size=8G");
  await put(cluster, { delete: "mp0" });
  assert.equal(cluster.cts.get(100)?.config["unused0"], "local-lvm:vm-100-disk-1");
  await put(cluster, { delete: "unused0" });
  assert.equal(cluster.volumes.filter(({ vmid }) => vmid === 100).length, 1);
  await assert.rejects(put(cluster, { mp0: "local:1,mp=/x" }), {
    message: "storage 'local' does not allow content type 'rootdir' (Container)",
  });
});

Deno.test("updateCt() respects locks, protection and the tag policy", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { mp0: "local-lvm:1,mp=/data" });
  cluster.options = { ...cluster.options, userAllowTags: "existing" };
  const who = { user: "pxrun@pve", token: "laptop" };
  await assert.rejects(put(cluster, { tags: "brand-new" }, who), {
    status: 403,
    message: "Permission check failed (/, Sys.Modify for modifying tag 'brand-new')",
  });
  await put(cluster, { tags: "brand-new" });
  await put(cluster, { protection: "1" });
  await assert.rejects(put(cluster, { delete: "mp0" }), {
    message: "can't remove CT 100 drive 'mp0' - protection mode enabled",
  });
  await put(cluster, { lock: "backup" });
  await assert.rejects(put(cluster, { memory: "600" }), { message: "CT is locked (backup)" });
});

/** The row of an option in …/pending, without its key. */
async function row(cluster: Cluster, key: string): Promise<Record<string, unknown> | undefined> {
  const rows = await callApi(cluster, TESTER, "GET", "/nodes/pve01/lxc/100/pending");
  const { key: _key, ...rest } = Object(rows).find((one: { key: string }) => one.key === key) ?? {};
  return rest;
}

Deno.test("updateCt() keeps a deletion, and drops what is set back to what it is", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { nameserver: "10.0.0.1" }, true);
  await put(cluster, { delete: "nameserver" });
  assert.deepEqual(await row(cluster, "nameserver"), { value: "10.0.0.1", delete: 1 });
  assert.equal((await get(cluster))["nameserver"], undefined);
  await put(cluster, { nameserver: "8.8.8.8" });
  assert.deepEqual(await row(cluster, "nameserver"), { value: "10.0.0.1", pending: "8.8.8.8" });
  await put(cluster, { nameserver: "10.0.0.1" });
  assert.deepEqual(await row(cluster, "nameserver"), { value: "10.0.0.1" });
});

Deno.test("updateCt() lets the value win where a deletion came after it, already at the stop", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { nameserver: "10.0.0.1" }, true);
  await put(cluster, { nameserver: "8.8.8.8" });
  await put(cluster, { delete: "nameserver" });
  await callAndWait(cluster, "POST", "/nodes/pve01/lxc/100/status/shutdown");
  assert.deepEqual(await row(cluster, "nameserver"), { value: "8.8.8.8" });
});

Deno.test("updateCt() keeps nothing of a running container's change that fails, but what took effect", async () => {
  const cluster = testCluster();
  await makeCt(cluster, {}, true);
  const before = cluster.volumes.length;
  const { memory } = await get(cluster);
  const net0 = "name=eth0,bridge=vmbr99,hwaddr=BC:24:11:00:00:01";
  await assert.rejects(put(cluster, { memory: "600", mp5: "local-lvm:1,mp=/x", net1: net0 }), {
    status: 400,
  });
  assert.equal((await get(cluster))["memory"], memory);
  assert.equal(cluster.volumes.length, before + 1, "a volume that nothing names");
});

Deno.test("updateCt() writes all of a stopped container's change, and then refuses its bridge", async () => {
  const cluster = testCluster();
  await makeCt(cluster);
  await assert.rejects(put(cluster, { memory: "600", net0: "name=eth0,bridge=vmbr99" }), {
    status: 500,
    message: "bridge 'vmbr99' does not exist",
  });
  assert.equal((await get(cluster))["memory"], 600);
});

Deno.test("updateCt() takes a new value of a mount point in create syntax for a new volume", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { mp0: "local-lvm:1,mp=/data" });
  const { mp0 } = await get(cluster);
  await put(cluster, { mp0: "local-lvm:1,mp=/data" });
  const now = await get(cluster);
  assert.notEqual(now["mp0"], mp0);
  assert.equal(String(mp0).split(",")[0], now["unused0"]);
});

Deno.test("updateCt() keeps nothing pending once a container has ended by itself", async () => {
  const cluster = testCluster();
  await makeCt(cluster, {}, true);
  await put(cluster, { timezone: "host" });
  assert.deepEqual(await row(cluster, "timezone"), { pending: "host" });
  const ct = cluster.cts.get(100);
  assert.ok(ct);
  markStopped(cluster, ct);
  assert.deepEqual(await row(cluster, "timezone"), { value: "host" });
});
