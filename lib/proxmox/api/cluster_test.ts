import assert from "node:assert/strict";
import { scriptedRest } from "../../../tests/support/scripted_rest.ts";
import * as cluster from "./cluster.ts";
import { AlreadyExists, ProxmoxError } from "../http/errors.ts";

Deno.test("nextid() returns a number, and asks for one vmid where it is given", async () => {
  const { rest, sent } = scriptedRest([{ data: "100" }, { data: 205 }]);
  assert.equal(await cluster.nextid(rest), 100);
  assert.equal(await cluster.nextid(rest, 205), 205);
  assert.deepEqual(sent.map(({ path }) => path), [
    "/api2/json/cluster/nextid",
    "/api2/json/cluster/nextid?vmid=205",
  ]);
});

Deno.test("nextid() says that a vmid is taken", async () => {
  const { rest } = scriptedRest([{
    status: 400,
    body: JSON.stringify({
      data: null,
      message: "Parameter verification failed.\n",
      errors: { vmid: "VM 200 already exists" },
    }),
  }]);
  await assert.rejects(cluster.nextid(rest, 200), AlreadyExists);
});

Deno.test("resources() reads guests, also those that are new or hidden", async () => {
  const { rest, sent } = scriptedRest([{
    data: [
      {
        id: "lxc/200",
        type: "lxc",
        vmid: 200,
        node: "a",
        name: "web",
        status: "running",
        template: 0,
        tags: "x;y",
        pool: "ci",
        lock: "backup",
        hastate: "started",
        uptime: 3,
        cpu: 0.25,
        maxcpu: "1",
        mem: 1,
        maxmem: 2,
        disk: 3,
        maxdisk: 4,
      },
      { id: "qemu/205", type: "qemu", vmid: "205", node: "a", status: "unknown" },
    ],
  }]);
  const [web, hidden] = await cluster.resources(rest, "vm");
  assert.deepEqual(web, {
    type: "lxc",
    vmid: 200,
    node: "a",
    name: "web",
    status: "running",
    template: false,
    tags: ["x", "y"],
    pool: "ci",
    lock: "backup",
    hastate: "started",
    uptime: 3,
    cpu: 0.25,
    maxcpu: 1,
    mem: 1,
    maxmem: 2,
    disk: 3,
    maxdisk: 4,
  });
  assert.equal(hidden?.vmid, 205);
  assert.equal(hidden?.name, undefined);
  assert.deepEqual(hidden?.tags, []);
  assert.equal(sent[0]?.path, "/api2/json/cluster/resources?type=vm");
});

Deno.test("resources() reads nodes and storages", async () => {
  const { rest } = scriptedRest(({ path }) =>
    path.endsWith("type=node")
      ? { data: [{ type: "node", node: "a", status: "online", maxcpu: 4, maxmem: 8, mem: 2 }] }
      : {
        data: [{
          type: "storage",
          storage: "local",
          node: "a",
          status: "available",
          content: "vztmpl,rootdir",
          shared: "1",
          plugintype: "dir",
          disk: 5,
          maxdisk: 10,
        }],
      }
  );
  const [node] = await cluster.resources(rest, "node");
  assert.equal(node?.maxcpu, 4);
  const [storage] = await cluster.resources(rest, "storage");
  assert.deepEqual(storage?.content, ["vztmpl", "rootdir"]);
  assert.equal(storage?.shared, true);
});

Deno.test("resources() refuses a row that has not what it must have", async () => {
  const { rest } = scriptedRest([{ data: [{ type: "lxc", node: "a" }] }]);
  await assert.rejects(cluster.resources(rest, "vm"), (error) => {
    assert.ok(error instanceof ProxmoxError);
    assert.match(error.message, /vmid of an entry of \/cluster\/resources should be a number/);
    return true;
  });
});

Deno.test("status() tells a cluster from a single node", async () => {
  const a = { type: "node", name: "a", ip: "10.0.0.1", online: 1, local: 1 };
  const b = { type: "node", name: "b", online: "0", local: 0 };
  const { rest } = scriptedRest([
    { data: [a] },
    { data: [{ type: "cluster", name: "lab", quorate: 0, nodes: 2 }, a, b] },
  ]);
  const nodeA = { name: "a", ip: "10.0.0.1", online: true, local: true };
  assert.deepEqual(await cluster.status(rest), { name: undefined, quorate: true, nodes: [nodeA] });
  assert.deepEqual(await cluster.status(rest), {
    name: "lab",
    quorate: false,
    nodes: [nodeA, { name: "b", ip: undefined, online: false, local: false }],
  });
});

Deno.test("tagPolicy() reads what the options say, and what they leave out", async () => {
  const { rest } = scriptedRest([
    { data: { "allowed-tags": ["a"] } },
    {
      data: {
        "allowed-tags": [],
        "user-tag-access": { "user-allow": "list" },
        "registered-tags": "x;y",
        "tag-style": { "case-sensitive": 1, shape: "full" },
      },
    },
    { data: { "tag-style": "ordering=config,case-sensitive=1" } },
  ]);
  assert.deepEqual(await cluster.tagPolicy(rest), {
    freeform: true,
    registered: [],
    allowed: ["a"],
    caseSensitive: false,
  });
  assert.deepEqual(await cluster.tagPolicy(rest), {
    freeform: false,
    registered: ["x", "y"],
    allowed: [],
    caseSensitive: true,
  });
  assert.equal((await cluster.tagPolicy(rest)).caseSensitive, true);
});

Deno.test("tasks() tells a running task from one that has ended", async () => {
  const row = { node: "a", type: "vzstart", id: "5", user: "root@pam", starttime: "10", pid: 1 };
  const { rest } = scriptedRest([{
    data: [
      { ...row, upid: "UPID:a:1", endtime: 20, status: "OK" },
      { ...row, upid: "UPID:a:2", status: "RUNNING" },
    ],
  }]);
  const common = { node: "a", type: "vzstart", id: "5", user: "root@pam", starttime: 10 };
  assert.deepEqual(await cluster.tasks(rest), [
    { ...common, upid: "UPID:a:1", endtime: 20, exitstatus: "OK" },
    { ...common, upid: "UPID:a:2", endtime: undefined, exitstatus: undefined },
  ]);
});
