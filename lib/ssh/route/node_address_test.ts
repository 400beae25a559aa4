import assert from "node:assert/strict";
import { PxrunError } from "../../core/errors.ts";
import { parseSshNodes, routeToNode } from "./node_address.ts";

Deno.test("parseSshNodes() reads users, hosts and ports", () => {
  const text = "pve01=root@10.0.0.1:22, pve02=pve02.lan,pve03=[fd00::3]:2222,pve04=a@[fd00::4],";
  assert.deepEqual([...parseSshNodes(text)], [
    ["pve01", { host: "10.0.0.1", port: 22, user: "root" }],
    ["pve02", { host: "pve02.lan" }],
    ["pve03", { host: "fd00::3", port: 2222 }],
    ["pve04", { host: "fd00::4", user: "a" }],
  ]);
  assert.equal(parseSshNodes("").size, 0);
});

Deno.test("parseSshNodes() names everything that is wrong at once", () => {
  const wrong: readonly [entry: string, problem: RegExp][] = [
    ["pve01", /it is not NODE=HOST/],
    ["=host", /it is not NODE=HOST/],
    ["pve02=", /the host is missing/],
    ["pve03=root@", /the host is missing/],
    ["pve04=@host", /the user before @ is missing/],
    ["pve05=fd00::1", /write an IPv6 address in brackets/],
    ["pve06=host:0", /port/],
    ["pve07=host:65536", /port/],
    ["pve08=host:ssh", /port/],
    ["pve09=[fd00::1]x", /port/],
    ["pve10=ho st", /not a host/],
    ["pve11=-oProxyCommand", /not a host/],
    ["good=host", /^$/],
    ["good=other", /is named twice/],
  ];
  const read = (): unknown => parseSshNodes(wrong.map(([entry]) => entry).join(","));
  assert.throws(read, (error) => {
    assert.ok(error instanceof PxrunError);
    assert.equal(error.code, "USAGE");
    assert.match(error.hint ?? "", /NODE=\[USER@\]HOST\[:PORT\]/);
    const [head, ...lines] = error.message.split("\n");
    assert.match(head ?? "", /^PXRUN_SSH_NODES is wrong:/);
    const expected = wrong.filter(([entry]) => entry !== "good=host");
    assert.equal(lines.length, expected.length);
    expected.forEach(([, problem], index) => {
      assert.match(lines[index] ?? "", /^ {2}entry \d+: /);
      assert.match(lines[index] ?? "", problem);
    });
    return true;
  });
});

Deno.test("parseSshNodes() does not repeat a password that somebody has put there", () => {
  for (
    const address of [
      "root:hunter2@10.0.0.1",
      "root:hunt er2@10.0.0.1",
      "root:x@hunter2 y",
      "root:x,hunter2@10.0.0.1",
      "10.0.0.1:hunter2",
      "hunter2 x",
      "[hunter2",
    ]
  ) {
    assert.throws(() => parseSshNodes(`pve01=${address}`), (error) => {
      assert.ok(error instanceof PxrunError && error.code === "USAGE");
      assert.ok(!`${error.message} ${error.hint}`.includes("hunt"), error.message);
      return true;
    });
  }
});

Deno.test("routeToNode() goes by PXRUN_SSH_NODES, ssh_config, the cluster, the API, in this order", () => {
  const nodes = parseSshNodes("pve01=admin@10.0.0.1:2222");
  const all = { nodes, config: { named: true }, clusterIp: "10.0.0.2", onlyHost: "10.0.0.3" };
  assert.deepEqual(routeToNode("pve01", all), {
    host: "10.0.0.1",
    port: 2222,
    user: "admin",
    from: "PXRUN_SSH_NODES",
  });
  assert.deepEqual(routeToNode("pve02", all), { host: "pve02", from: "ssh_config" });
  const unnamed = { ...all, config: { named: false } };
  assert.deepEqual(routeToNode("pve02", unnamed), { host: "10.0.0.2", from: "/cluster/status" });
  assert.deepEqual(routeToNode("pve02", { ...unnamed, clusterIp: undefined }), {
    host: "10.0.0.3",
    from: "the API's address",
  });
});

Deno.test("routeToNode() says how to set an address when nothing knows one", () => {
  assert.throws(() => routeToNode("pve02", { nodes: new Map() }), {
    code: "USAGE",
    message: /reaches node pve02$/,
    hint: /PXRUN_SSH_NODES=pve02=root@ADDRESS.*"Host pve02"/,
  });
});
