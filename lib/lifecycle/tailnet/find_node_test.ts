import assert from "node:assert/strict";
import type { Device } from "../../tailscale/devices.ts";
import { matchNode } from "./find_node.ts";
import { parseStatus } from "./own_node.ts";

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

Deno.test("matchNode() believes the node key before any name", () => {
  const all = [device("web-1"), device("web")];
  const { node } = matchNode(all, "web-1", own, []);
  assert.deepEqual(node, { id: "id-web", name: "web.example.ts.net", byNameOnly: false });
});

Deno.test("matchNode() takes nobody else's node when it does not see the container's own", () => {
  const { node, warnings } = matchNode([device("web-1")], "web-1", own, []);
  assert.equal(node, undefined);
  assert.match(warnings.join(), /web\.example\.ts\.net is in a tailnet that the API key/);
});

Deno.test("matchNode() doubts a name without the tag of those that pxrun lets in", () => {
  const found = (tags: readonly string[]) =>
    matchNode([device("WEB-1", { tags })], "web-1", undefined, ["tag:a"]).node?.byNameOnly;
  assert.deepEqual([found([]), found(["tag:b"]), found(["tag:b", "tag:a"])], [true, true, false]);
  const renamed = device("localhost", { name: "web-1.example.ts.net" });
  assert.equal(matchNode([renamed], "web-1", undefined, []).node?.id, "id-localhost");
});

Deno.test("matchNode() chooses none of several, and none of none", () => {
  const twins = [device("web-1"), device("web-1", { name: "web-1-1.example.ts.net" })];
  const { node, warnings } = matchNode(twins, "web-1", undefined, []);
  assert.equal(node, undefined);
  assert.match(warnings.join(), /several .*: web-1\.example\.ts\.net, web-1-1\.ex.*; they stay/);
  const nothing = { warnings: [] };
  assert.deepEqual(matchNode([device("db")], "web-1", undefined, []), nothing);
  assert.deepEqual(matchNode([device("db")], undefined, undefined, []), nothing);
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
