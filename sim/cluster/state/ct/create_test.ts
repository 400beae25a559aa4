import assert from "node:assert/strict";
import { callApi } from "../../rest/call.ts";
import { callAndWait, GOOD_CREATE, makeCt, testCluster, TESTER } from "../../../tests/cluster.ts";
import type { Cluster } from "../cluster.ts";
import type { Who } from "../who.ts";
import { findTask, stopTask } from "../tasks.ts";

const LXC = "/nodes/pve01/lxc";

/** A create that is refused before there is a task. */
async function refusal(
  cluster: Cluster,
  params: Record<string, string>,
  who: Who = TESTER,
): Promise<string> {
  try {
    await callApi(cluster, who, "POST", LXC, { ...GOOD_CREATE, ...params });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("the create was not refused");
}

function disks(cluster: Cluster): string[] {
  return cluster.volumes.filter((volume) => volume.vmid !== undefined).map(({ volid }) => volid);
}

Deno.test("createCt() makes a container with Proxmox's defaults", async () => {
  const cluster = testCluster();
  const task = await callAndWait(cluster, "POST", LXC, {
    vmid: "100",
    ostemplate: GOOD_CREATE["ostemplate"] ?? "",
    rootfs: "local-lvm:4",
  });
  assert.equal(task.exitstatus, "WARNINGS: 1");
  assert.ok(task.log.includes("WARN: Systemd 257 detected. You may need to enable nesting."));
  const { config, template } = cluster.cts.get(100) ?? {};
  assert.deepEqual(config, {
    arch: "amd64",
    hostname: "CT100",
    memory: "512",
    swap: "512",
    ostype: "debian",
    unprivileged: "1",
    rootfs: "local-lvm:vm-100-disk-0,size=4G",
  });
  assert.equal(template, "debian-13-standard_13.1-2_amd64.tar.zst");
});

Deno.test("createCt() keeps tags sorted, descriptions ended and interfaces complete", async () => {
  const cluster = testCluster();
  await makeCt(cluster, {
    tags: "Web,dev;web",
    description: "two\nlines",
    mp0: "local-lvm:8,mp=/data,backup=1",
    "ssh-public-keys": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHFCh8 me@laptop\n",
  });
  const ct = cluster.cts.get(100);
  assert.equal(ct?.config["tags"], "dev;web");
  assert.equal(ct.config["description"], "two\nlines\n");
  assert.equal(ct.config["mp0"], "local-lvm:vm-100-disk-1,mp=/data,backup=1,size=8G");
  assert.match(
    ct.config["net0"] ?? "",
    /^name=eth0,bridge=vmbr0,hwaddr=BC:24:11(:[0-9A-F]{2}){3},ip=dhcp,type=veth$/,
  );
  const keys = await ct.guest?.read("/root/.ssh/authorized_keys");
  assert.match(
    new TextDecoder().decode(keys),
    /\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHFCh8 me@laptop\n/,
  );
});

Deno.test("createCt() holds the lock 'create' while its task runs", async () => {
  const cluster = testCluster();
  const upid = String(await callApi(cluster, TESTER, "POST", LXC, GOOD_CREATE));
  assert.deepEqual(cluster.cts.get(100)?.config, { lock: "create" });
  await assert.rejects(callApi(cluster, TESTER, "DELETE", `${LXC}/100`), {
    message: "CT is locked (create)",
  });
  // A change waits for the task instead.
  await callApi(cluster, TESTER, "PUT", `${LXC}/100/config`, { memory: "600" });
  assert.equal(findTask(cluster, upid).exitstatus, "OK");
  assert.equal(cluster.cts.get(100)?.config["memory"], "600");
});

Deno.test("createCt() gives a vmid to one of several who ask at once", async () => {
  const cluster = testCluster();
  const all = await Promise.allSettled(
    [1, 2, 3].map(() => callApi(cluster, TESTER, "POST", LXC, GOOD_CREATE)),
  );
  const lost = all.filter((result) => result.status === "rejected");
  assert.deepEqual(lost.map(({ reason }) => reason.message), [
    "unable to create CT 100 - CT 100 already exists on node 'pve01'",
    "unable to create CT 100 - CT 100 already exists on node 'pve01'",
  ]);
  assert.equal(await refusal(cluster, {}), "CT 100 already exists on node 'pve01'");
  await Promise.all(Array.from(cluster.tasks.values(), ({ done }) => done));
});

Deno.test("createCt() takes no vmid of a virtual machine, nor one that a fault gives away", async () => {
  const cluster = testCluster();
  cluster.vms.set(101, { vmid: 101, node: "pve02", name: "win", status: "running" });
  assert.equal(await refusal(cluster, { vmid: "101" }), "VM 101 already exists on node 'pve02'");
  cluster.faults.push({ name: "vmid-taken", times: 1 });
  assert.equal(await refusal(cluster, {}), "CT 100 already exists on node 'pve01'");
  assert.equal(cluster.cts.get(100)?.config["hostname"], "somebody-else");
  await makeCt(cluster, { vmid: "102" });
});

Deno.test("createCt() refuses what the cluster has not, before there is a task", async () => {
  const cluster = testCluster();
  assert.equal(await refusal(cluster, { rootfs: "nosuch:4" }), "storage 'nosuch' does not exist");
  assert.equal(await refusal(cluster, { rootfs: "local:4" }), "Parameter verification failed.");
  assert.equal(
    await refusal(cluster, { rootfs: "tank:4" }),
    "storage 'tank' is not available on node 'pve01'",
  );
  assert.equal(
    await refusal(cluster, { "ssh-public-keys": "not a key" }),
    "SSH public key validation error",
  );
  assert.equal(
    await refusal(cluster, { pool: "nosuch" }),
    "Permission check failed (pool 'nosuch' does not exist)",
  );
  assert.equal(
    await refusal(cluster, { dev0: "/dev/nosuch" }, { user: "root@pam" }),
    "Device /dev/nosuch does not exist",
  );
  assert.equal(cluster.cts.size, 0);
});

Deno.test("createCt() lets only root itself set what reaches into the node", async () => {
  const cluster = testCluster();
  const text = (params: Record<string, string>) => refusal(cluster, params);
  const only = (what: string) => `Permission check failed (${what} is only allowed for root@pam)`;
  assert.equal(await text({ mp0: "/srv,mp=/srv" }), only("mount point type bind"));
  assert.equal(await text({ mp0: "/dev/sda1,mp=/x" }), only("mount point type device"));
  assert.equal(await text({ dev0: "/dev/fuse" }), only("configuring device passthrough"));
  assert.equal(await text({ hookscript: "local:snippets/x" }), only("changing the hookscript"));
  assert.equal(
    await text({ features: "nesting=1,keyctl=1" }),
    only("changing feature flags (except nesting)"),
  );
  assert.equal(
    await text({ unprivileged: "0" }),
    only("changing feature flags for privileged container"),
  );
  const root = { user: "root@pam" };
  const params = { ...GOOD_CREATE, mp0: "/srv,mp=/srv", dev0: "/dev/fuse", features: "keyctl=1" };
  assert.match(
    (await callAndWait(cluster, "POST", LXC, params, root)).exitstatus ?? "",
    /^(OK|WARN)/,
  );
});

Deno.test("createCt() leaves nothing behind when its task fails", async () => {
  const cluster = testCluster();
  const missing = "local:vztmpl/nosuch_1_amd64.tar.zst";
  const task = await makeCt(cluster, { ostemplate: missing });
  assert.equal(
    task.exitstatus,
    `unable to create CT 100 - volume '${missing}' does not exist`,
  );
  assert.equal(task.log.at(-1), `TASK ERROR: ${task.exitstatus}`);
  const tiny = await makeCt(cluster, { rootfs: "local-lvm:0.1" });
  assert.match(
    tiny.exitstatus ?? "",
    /^unable to create CT 100 - command '.* failed: exit code 2$/,
  );
  cluster.faults.push({ name: "full-storage", storage: "local-lvm" });
  const full = await makeCt(cluster, {});
  assert.match(full.exitstatus ?? "", /free space in thin pool pve\/data reached threshold/);
  assert.equal(cluster.cts.size, 0);
  assert.deepEqual(disks(cluster), []);
});

Deno.test("createCt() leaves nothing behind when its task is stopped", async () => {
  const cluster = testCluster({ timings: { createMs: 60_000 } });
  const upid = String(await callApi(cluster, TESTER, "POST", LXC, GOOD_CREATE));
  assert.equal(disks(cluster).length, 1);
  await callApi(cluster, TESTER, "DELETE", `/nodes/pve01/tasks/${encodeURIComponent(upid)}`);
  const { exitstatus = "" } = findTask(cluster, upid);
  assert.match(exitstatus, /^unable to create CT 100 - command '.*' failed: received interrupt$/);
  assert.deepEqual([cluster.cts.size, disks(cluster).length], [0, 0]);
  await stopTask(findTask(cluster, upid));
});

Deno.test("createCt() puts a guest into the pool that its token is confined to", async () => {
  const cluster = testCluster();
  const who = { user: "pool@pve", token: "ci" };
  assert.equal(await refusal(cluster, {}, who), "Permission check failed");
  const params = { ...GOOD_CREATE, pool: "dev" };
  const task = await callAndWait(cluster, "POST", LXC, params, who);
  assert.equal(task.exitstatus, "OK");
  assert.equal(cluster.cts.get(100)?.pool, "dev");
});

Deno.test("createCt() starts the container in a task of its own when asked", async () => {
  const cluster = testCluster();
  await makeCt(cluster, { start: "1" });
  await Promise.all(Array.from(cluster.tasks.values(), ({ done }) => done));
  assert.deepEqual([...cluster.tasks.values()].map(({ type }) => type), ["vzcreate", "vzstart"]);
  assert.equal(cluster.cts.get(100)?.status, "running");
});
