import assert from "node:assert/strict";
import type { Device } from "../../tailscale/devices.ts";
import { mayBeOwn } from "./find_node.ts";
import { parseStatus } from "../../actions/tailnet/own_node.ts";

const device = (hostname: string, changes: Partial<Device> = {}): Device => ({
  id: `id-${hostname}`,
  name: `${hostname}.example.ts.net`,
  hostname,
  addresses: [],
  nodeKey: `nodekey:${hostname}`,
  os: "linux",
  tags: [],
  lastSeen: "",
  ...changes,
});
const own = { name: "web.example.ts.net", addresses: [], nodeKey: "nodekey:web" };

Deno.test("mayBeOwn() names the node whose key the container shows, and else those of its name", () => {
  const all = [device("web-1"), device("web"), device("WEB-1", { name: "web-1-1.example.ts.net" })];
  assert.match(mayBeOwn(all, "web-1", own).join(), /^web\.example\.ts\.net stays in the tailnet/);
  const [both = ""] = mayBeOwn(all, "web-1", undefined);
  assert.match(both, /^web-1\.example\.ts\.net, web-1-1\.example\.ts\.net stay in the tailnet/);
  assert.match(both, /\/admin\/machines$/);
  // What the API key does not see stays, too.
  assert.match(mayBeOwn([device("web-1")], "web-1", own).join(), /^web\.example\.ts\.net stays /);
  assert.deepEqual(mayBeOwn([device("db")], "web-1", undefined), []);
  assert.deepEqual(mayBeOwn([device("db")], undefined, undefined), []);
});

Deno.test("parseStatus() reads who a node is, where it is any", () => {
  const self = {
    DNSName: "web.example.ts.net.",
    PublicKey: "nodekey:web",
    TailscaleIPs: ["100.1"],
  };
  assert.deepEqual(parseStatus(JSON.stringify({ Self: self })), { ...own, addresses: ["100.1"] });
  for (const text of ["", "[", "null", "{}", '{"Self":null}', '{"Self":{"DNSName":""}}']) {
    assert.equal(parseStatus(text), undefined);
  }
});
