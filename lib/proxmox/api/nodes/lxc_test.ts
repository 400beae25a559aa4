import assert from "node:assert/strict";
import { scriptedRest } from "../../../../tests/support/scripted_rest.ts";
import { Secret } from "../../../core/secret.ts";
import { ProxmoxError } from "../../http/errors.ts";
import * as lxc from "./lxc.ts";
import * as change from "../changes/lxc.ts";

const UPID = "UPID:vm:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam:";

Deno.test("create() sends what was asked for, and nothing that was not", async () => {
  const { rest, sent } = scriptedRest([{ data: UPID }]);
  const upid = await lxc.create(rest, "pve01", {
    vmid: 200,
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-lvm:8",
    unprivileged: true,
    hostname: "web",
    net0: "name=eth0,bridge=vmbr0,ip=dhcp",
    net1: undefined,
    mp0: "local-lvm:4,mp=/data",
    onboot: false,
    password: new Secret("hunter2"),
    "ssh-public-keys": "ssh-ed25519 AAAA+=",
  });
  assert.equal(upid, UPID);
  assert.equal(sent[0]?.path, "/api2/json/nodes/pve01/lxc");
  assert.deepEqual(Object.fromEntries(new URLSearchParams(sent[0]?.body)), {
    vmid: "200",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-lvm:8",
    unprivileged: "1",
    hostname: "web",
    net0: "name=eth0,bridge=vmbr0,ip=dhcp",
    mp0: "local-lvm:4,mp=/data",
    onboot: "0",
    password: "hunter2",
    "ssh-public-keys": "ssh-ed25519 AAAA+=",
  });
});

Deno.test("start(), stop(), shutdown() and reboot() return the task's UPID", async () => {
  const { rest, sent } = scriptedRest(() => ({ data: UPID }));
  await change.start(rest, "a", 5);
  await change.stop(rest, "a", 5);
  await change.shutdown(rest, "a", 5, { timeout: 30, forceStop: true });
  assert.equal(await change.reboot(rest, "a", 5, { timeout: 30 }), UPID);
  assert.deepEqual(sent.map(({ method, path, body }) => `${method} ${path} ${body}`), [
    "POST /api2/json/nodes/a/lxc/5/status/start ",
    "POST /api2/json/nodes/a/lxc/5/status/stop ",
    "POST /api2/json/nodes/a/lxc/5/status/shutdown timeout=30&forceStop=1",
    "POST /api2/json/nodes/a/lxc/5/status/reboot timeout=30",
  ]);
});

Deno.test("destroy() puts force and purge into the query", async () => {
  const { rest, sent } = scriptedRest(() => ({ data: UPID }));
  await change.destroy(rest, "a", 5);
  assert.equal(await change.destroy(rest, "a", 5, { force: true, purge: false }), UPID);
  assert.deepEqual(sent.map(({ method, path, body }) => [method, path, body]), [
    ["DELETE", "/api2/json/nodes/a/lxc/5", undefined],
    ["DELETE", "/api2/json/nodes/a/lxc/5?force=1&purge=0", undefined],
  ]);
});

Deno.test("start() does not take a reply without a UPID for a task", async () => {
  const { rest } = scriptedRest([{ data: null }]);
  await assert.rejects(change.start(rest, "a", 5), (error) => {
    assert.ok(error instanceof ProxmoxError);
    assert.match(error.message, /\/nodes\/a\/lxc\/5\/status\/start should be a UPID, not null/);
    return true;
  });
});

Deno.test("updateConfig() sends digest and delete", async () => {
  const { rest, sent } = scriptedRest([{ data: null }]);
  await change.updateConfig(rest, "a", 5, {
    tags: "x;y",
    delete: "description,mp0",
    digest: "abc",
  });
  assert.equal(sent[0]?.method, "PUT");
  assert.equal(sent[0]?.path, "/api2/json/nodes/a/lxc/5/config");
  assert.equal(sent[0]?.body, "tags=x%3By&delete=description%2Cmp0&digest=abc");
});

Deno.test("config() brings every kind of value to its type", async () => {
  const { rest } = scriptedRest([{
    data: {
      digest: "abc",
      hostname: 123,
      tags: "a;b",
      cores: "2",
      cpulimit: "1.5",
      memory: 512,
      swap: "0",
      unprivileged: 1,
      onboot: "1",
      protection: 0,
      description: "x\n",
      features: "nesting=1,mount=nfs;cifs",
      rootfs: "local-lvm:vm-5-disk-0,size=8G",
      net0: "name=eth0,ip=dhcp",
      net10: "name=eth10",
      mp0: "/srv/data,mp=/data,ro=1",
      dev0: "/dev/fuse,mode=0660",
      unused0: "local-lvm:vm-5-disk-1",
      nameserver: null,
      lxc: [["lxc.cap.drop", "sys_admin"]],
    },
  }]);
  const { contents, ...config } = await lxc.config(rest, "a", 5);
  assert.equal(contents.get("unused0"), '"local-lvm:vm-5-disk-1"');
  assert.deepEqual(config, {
    digest: "abc",
    hostname: "123",
    description: "x\n",
    tags: ["a", "b"],
    lock: undefined,
    arch: undefined,
    ostype: undefined,
    unprivileged: true,
    onboot: true,
    protection: false,
    template: false,
    cores: 2,
    cpulimit: 1.5,
    cpuunits: undefined,
    memory: 512,
    swap: 0,
    nameserver: undefined,
    searchdomain: undefined,
    timezone: undefined,
    startup: undefined,
    hookscript: undefined,
    features: { nesting: "1", mount: "nfs;cifs" },
    rootfs: { volume: "local-lvm:vm-5-disk-0", size: "8G" },
    net: { net0: { name: "eth0", ip: "dhcp" }, net10: { name: "eth10" } },
    mp: { mp0: { volume: "/srv/data", mp: "/data", ro: "1" } },
    dev: { dev0: { path: "/dev/fuse", mode: "0660" } },
  });
});

Deno.test("list() and current() read rows, and current() whether HA manages the container", async () => {
  const row = { vmid: "105", status: "running", name: "web", tags: "a;b", cpus: 2, maxmem: "512" };
  const { rest, sent } = scriptedRest([
    { data: [row] },
    { data: { ...row, ha: { managed: 1, state: "started" } } },
    { data: { ...row, ha: { managed: 0 } } },
    // An older one gives an empty lock, and may leave out what nobody uses.
    { data: [{ ...row, lock: "" }] },
    { data: { ...row, lock: "", ha: null } },
  ]);
  const expected = {
    vmid: 105,
    status: "running",
    name: "web",
    lock: undefined,
    tags: ["a", "b"],
    template: false,
    uptime: undefined,
    cpu: undefined,
    cpus: 2,
    mem: undefined,
    maxmem: 512,
    disk: undefined,
    maxdisk: undefined,
  };
  assert.deepEqual(await lxc.list(rest, "a"), [expected]);
  assert.deepEqual(await lxc.current(rest, "a", 105), { ...expected, haManaged: true });
  assert.equal((await lxc.current(rest, "a", 105)).haManaged, false);
  assert.deepEqual(await lxc.list(rest, "a"), [expected]);
  assert.deepEqual(await lxc.current(rest, "a", 105), { ...expected, haManaged: false });
  assert.deepEqual(sent.slice(0, 3).map(({ path }) => path), [
    "/api2/json/nodes/a/lxc",
    "/api2/json/nodes/a/lxc/105/status/current",
    "/api2/json/nodes/a/lxc/105/status/current",
  ]);
});

Deno.test("list() refuses a vmid that is none", async () => {
  for (const vmid of [-1, 0, 99, 100.5, 1e300, 1_000_000_000, "-n 100", "", null]) {
    const { rest } = scriptedRest([{ data: [{ vmid, status: "running" }] }]);
    await assert.rejects(lxc.list(rest, "a"), /vmid of .* should be a (vmid|number)/, `${vmid}`);
  }
});

Deno.test("interfaces() leaves out what is not an address", async () => {
  const wrong = [
    "10.0.0.1;id",
    "$(id)",
    "-oProxyCommand=id",
    "10.0.0.1 x",
    "::1\u001b[2J",
    "",
    "10.0.0",
  ];
  const { rest } = scriptedRest([{
    data: [
      {
        name: "eth0",
        "ip-addresses": wrong.concat("10.0.0.5").map((address) => ({
          "ip-address": address,
          "ip-address-type": "inet",
          prefix: 24,
        })),
      },
      { name: "eth1", inet: "10.0.0.1;id/24", inet6: "fd00::1/64" },
      { name: "eth2", "ip-addresses": [{ "ip-address": "fd00::2", "ip-address-type": "inet" }] },
    ],
  }]);
  const found = await lxc.interfaces(rest, "a", 5);
  assert.deepEqual(found.map(({ addresses }) => addresses.map(({ address }) => address)), [
    ["10.0.0.5"],
    ["fd00::1"],
    [],
  ]);
});

Deno.test("interfaces() knows both spellings of addresses, and none of a stopped container", async () => {
  const eth0 = { name: "eth0", hwaddr: "bc:24:11:ee:9c:87" };
  const { rest } = scriptedRest([
    { data: null },
    {
      data: [{
        ...eth0,
        inet: "10.0.0.5/24",
        "ip-addresses": [
          { "ip-address": "10.0.0.5", "ip-address-type": "inet", prefix: "24" },
          { "ip-address": "fe80::1", "ip-address-type": "inet6", prefix: 64 },
        ],
      }],
    },
    { data: [{ ...eth0, inet: "10.0.0.5/24", inet6: "fe80::1/64" }, { ...eth0, name: "eth1" }] },
    { data: [{ ...eth0, "ip-addresses": [] }] },
    {
      data: [
        {
          name: "wg0",
          hwaddr: null,
          "hardware-address": null,
          "ip-addresses": [{ "ip-address": "10.9.0.1", "ip-address-type": "inet", prefix: null }],
        },
        { name: "tun0", "ip-addresses": null },
      ],
    },
  ]);
  const addresses = [
    { family: "inet", address: "10.0.0.5", prefix: 24 },
    { family: "inet6", address: "fe80::1", prefix: 64 },
  ];
  assert.deepEqual(await lxc.interfaces(rest, "a", 5), []);
  assert.deepEqual(await lxc.interfaces(rest, "a", 5), [{ ...eth0, addresses }]);
  assert.deepEqual(await lxc.interfaces(rest, "a", 5), [
    { ...eth0, addresses },
    { ...eth0, name: "eth1", addresses: [] },
  ]);
  assert.deepEqual(await lxc.interfaces(rest, "a", 5), [{ ...eth0, addresses: [] }]);
  // What has no link layer has no hardware address.
  assert.deepEqual(await lxc.interfaces(rest, "a", 5), [
    {
      name: "wg0",
      hwaddr: undefined,
      addresses: [{ family: "inet", address: "10.9.0.1", prefix: undefined }],
    },
    { name: "tun0", hwaddr: undefined, addresses: [] },
  ]);
});
