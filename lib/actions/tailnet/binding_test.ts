import assert from "node:assert/strict";
import type { LxcConfig } from "../../proxmox/api/nodes/lxc.ts";
import type { Device } from "../../tailscale/devices.ts";
import { unmarked, withCreating } from "../../cluster/guests/marker.ts";
import { boundDevice, joinedNode, withBinding } from "./binding.ts";

const config = (description?: string, volume = "local-lvm:vm-100-disk-0"): LxcConfig =>
  ({ tags: ["dev"], description, rootfs: { volume, size: "8G" } }) as unknown as LxcConfig;

const LINE = "pxrun-tailnet: n1CNTRL of 100 on local-lvm:vm-100-disk-0";

Deno.test("withBinding() keeps the text of the user, and one line for one node", () => {
  const noted = withBinding(config("my notes\nmore\n"), 100, "n1CNTRL");
  assert.deepEqual(noted, { tags: ["dev"], description: `my notes\nmore\n${LINE}` });
  const again = withBinding(config(noted?.description), 100, "n2CNTRL");
  assert.equal(again?.description, `my notes\nmore\n${LINE.replace("n1", "n2")}`);
  assert.equal(withBinding(config(), 100, "n1CNTRL")?.description, LINE);
});

Deno.test("withBinding() writes nothing that would not be read again", () => {
  assert.equal(withBinding(config("x".repeat(8192)), 100, "n1CNTRL"), undefined);
  assert.equal(withBinding(config("", "a b"), 100, "n1CNTRL"), undefined);
  assert.equal(withBinding(config(""), 100, "n1 of 7 on x\n"), undefined);
});

Deno.test("boundDevice() believes the line of this vmid and this root disk alone", () => {
  assert.equal(boundDevice(config(`notes\n${LINE}\n`), 100), "n1CNTRL");
  assert.equal(boundDevice(config(LINE), 101), undefined, "a clone");
  const restored = config(LINE, "local-lvm:vm-100-disk-1");
  assert.equal(boundDevice(restored, 100), undefined, "a restored backup");
  assert.equal(boundDevice(config(), 100), undefined);
  assert.equal(boundDevice(config(`see ${LINE}`), 100), undefined);
  const two = `${LINE}\n${LINE.replace("n1", "n2")}`;
  assert.equal(boundDevice(config(two), 100), undefined, "two nodes are none");
});

Deno.test("the line of a binding outlives the marks of a create", () => {
  const run = { id: "ab", vmid: 100, host: "h", pid: 1, pidScope: undefined, since: 0 };
  const marked = withCreating({ tags: [], description: LINE }, run, "tag");
  assert.notEqual(marked.description, LINE);
  assert.equal(boundDevice(config(marked.description), 100), "n1CNTRL");
  assert.equal(unmarked(marked).description, LINE);
});

const device = (id: string, hostname = "web-1"): Device => ({
  id,
  name: `${hostname}.example.ts.net`,
  hostname,
  addresses: [],
  nodeKey: `nodekey:${id}`,
  os: "linux",
  tags: [],
  lastSeen: "",
});
const own = (id: string) => ({ name: "x", addresses: [], nodeKey: `nodekey:${id}` });

Deno.test("joinedNode() takes only what has come by the join, whatever the container says", () => {
  const join = { hostname: "Web-1", before: new Set(["gateway"]) };
  const all = [device("gateway", "web-1"), device("new"), device("other", "db")];
  assert.equal(joinedNode(all, join, own("new"))?.id, "new");
  assert.equal(joinedNode(all, join, own("gateway")), undefined, "was there before");
  assert.equal(joinedNode(all, join, own("other")), undefined, "joined meanwhile by another name");
  assert.equal(joinedNode(all, join, own("unknown")), undefined);
  assert.equal(joinedNode(all, { ...join, before: undefined }, own("new")), undefined);
  const twins = [...all, device("twin")];
  assert.equal(joinedNode(twins, join, own("new")), undefined, "two of one name joined at once");
});
