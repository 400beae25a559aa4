import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { both, byApi, byKey, byKeyJoin, recipe } from "../support/cluster_and_tailnet.ts";
import { until } from "../support/until.ts";

Deno.test("destroy removes the node that the container was bound to, whatever its name", async () => {
  await using scene = await both();
  const { tailnet } = scene;
  tailnet.join({ ...byKeyJoin, hostname: "web-1" });
  const stdin = recipe("{ hostname: renamed }");
  assert.equal((await scene.run(["create", "-"], { stdin })).status, 0);
  const { status, stderr } = await scene.run(["destroy", "web-1", "--yes"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /✓ removed renamed\.example\.ts\.net from the tailnet/);
  assert.deepEqual(tailnet.devices.map(({ name }) => name), ["web-1.example.ts.net"]);
});

Deno.test("destroy asks about the node, and leaves it after a no or --keep-tailscale-node", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  assert.equal((await scene.run(["create", "-"], { stdin: recipe() })).status, 0);
  const kept = await scene.run(["destroy", "web-1", "--dry-run", "--keep-tailscale-node"]);
  assert.doesNotMatch(kept.stdout, /tailnet/);
  const { status, stderr } = await scene.run(["destroy", "web-1"], { answers: ["y", "n"] });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /Also remove web-1\.example\.ts\.net from the tailnet\? \[Y\/n\]/);
  assert.deepEqual([tailnet.devices.length, lab.containers()], [1, []]);
});

Deno.test("destroy that is not waited for says that the node stays in the tailnet", async () => {
  await using scene = await both({}, { timings: { destroyMs: 60_000 } });
  const { lab, tailnet } = scene;
  assert.equal((await scene.run(["create", "-"], { stdin: recipe() })).status, 0);
  const platform = lab.platform({ env: byApi, fetch: tailnet.fetch });
  const running = runCli(["destroy", "web-1", "--yes"], platform);
  const { tasks } = lab.simulator.cluster;
  await until("the task", () => [...tasks.values()].some(({ type }) => type === "vzdestroy"));
  platform.interrupt();
  assert.equal(await running, 130, platform.stderr());
  assert.match(
    platform.stderr(),
    /! web-1\.example\.ts\.net stays in the tailnet; later: https:.*machines/,
  );
  assert.equal(tailnet.devices.length, 1);
});

Deno.test("destroy never removes a node for its name, and prints where to", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  const stdin = "container: { hostname: web-1, template: debian-13 }\n";
  tailnet.devices.push({
    nodeKey: "nodekey:0b",
    addresses: [],
    tags: ["tag:container"],
    nodeId: "n9",
    name: "web-1.example.ts.net",
    hostname: "WEB-1",
  });
  for (const [args, answers] of [[["--yes"], undefined], [[], ["y"]]] as const) {
    assert.equal((await scene.run(["create", "-", "--no-start"], { stdin })).status, 0);
    const ran = await scene.run(["destroy", "web-1", ...args], { ...(answers && { answers }) });
    assert.equal(ran.status, 0, ran.stderr);
    assert.match(ran.stderr, /web-1\.example\.ts\.net stays in the tailnet: .*\/admin\/machines/);
    assert.deepEqual([tailnet.devices.length, lab.containers()], [1, []], ran.stderr);
  }
});

/** A `tailscale` that says that it is another node, as root inside can make one. */
const LIAR = `  scripts:
    - name: liar
      content: |
        cat >/usr/local/bin/tailscale <<'end'
        #!/bin/sh
        echo '{"Self":{"DNSName":"prod-gateway.example.ts.net.","PublicKey":"nodekey:0a"}}'
        end
        chmod 755 /usr/local/bin/tailscale
`;

Deno.test("destroy and the undo of a create leave alone the node that a container says it is", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  tailnet.join({ ...byKeyJoin, hostname: "prod-gateway" });
  const names = (): string[] => tailnet.devices.map(({ name }) => name);
  assert.equal((await scene.run(["create", "-"], { stdin: recipe("true", LIAR) })).status, 0);
  assert.deepEqual(names(), ["prod-gateway.example.ts.net", "web-1.example.ts.net"]);
  const bound = await scene.run(["destroy", "web-1", "--yes"]);
  assert.equal(bound.status, 0, bound.stderr);
  assert.deepEqual(names(), ["prod-gateway.example.ts.net"]);
  // Taken back before the end: what the container says then is not believed either.
  const failing = recipe("true", `${LIAR}    - { content: exit 7 }\n`);
  const args = ["create", "-", "--on-failure", "destroy"];
  const failed = await scene.run(args, { stdin: failing });
  assert.equal(failed.status, 1, failed.stderr);
  assert.deepEqual(names(), ["prod-gateway.example.ts.net"], failed.stderr);
  assert.deepEqual(lab.containers(), []);
  // Unbound, and lying: nothing is removed.
  const without = { ...byKey, TAILSCALE_API_KEY: "" };
  const made = await scene.run(["create", "-"], { stdin: recipe("true", LIAR), env: without });
  assert.equal(made.status, 0, made.stderr);
  const unbound = await scene.run(["destroy", "web-1", "--yes"]);
  assert.equal(unbound.status, 0, unbound.stderr);
  assert.match(unbound.stderr, /prod-gateway\.example\.ts\.net stays .*nothing proves/);
  assert.deepEqual(names(), ["prod-gateway.example.ts.net", "web-1.example.ts.net"]);
});

Deno.test("destroy of a copy leaves the node alone that the description names", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  const stdin = recipe().replace("debian-13 }", "debian-13, description: my notes }");
  assert.equal((await scene.run(["create", "-"], { stdin })).status, 0);
  const config = lab.simulator.cluster.cts.get(100)?.config ?? {};
  assert.equal(
    config["description"],
    "my notes\npxrun-tailnet: n1CNTRL of 100 on local-lvm:vm-100-disk-0\n",
  );
  const { cluster } = lab.simulator;
  // A clone has another vmid; a backup that is restored under the same vmid another root disk.
  placeCt(cluster, { vmid: 101, node: "pve01", config: { ...config, hostname: "copy" } });
  const clone = await scene.run(["destroy", "101", "--yes"]);
  assert.equal(clone.status, 0, clone.stderr);
  assert.equal(tailnet.devices.length, 1, clone.stderr);
  const original = cluster.cts.get(100)?.node ?? "";
  const rootfs = "local-lvm:vm-100-disk-7,size=8G";
  placeCt(cluster, { vmid: 100, node: original, config: { ...config, rootfs } });
  const restored = await scene.run(["destroy", "100", "--yes"]);
  assert.equal(restored.status, 0, restored.stderr);
  assert.match(restored.stderr, /web-1\.example\.ts\.net stays in the tailnet/);
  assert.equal(tailnet.devices.length, 1);
});

Deno.test("provision binds what it joins, and create by a given key where an API key is known", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  const device =
    "container: { hostname: db-1, template: debian-13, devices: [{ path: /dev/net/tun }] }";
  assert.equal((await scene.run(["create", "-"], { stdin: device })).status, 0);
  const joined = await scene.run(["provision", "db-1", "-"], { stdin: recipe() });
  assert.equal(joined.status, 0, joined.stderr);
  assert.doesNotMatch(joined.stderr, /not bound/);
  const other = await scene.run(["provision", "db-1", "-"], {
    stdin: recipe("{ shields_up: true }"),
  });
  assert.doesNotMatch(other.stderr, /not bound/);
  const description = lab.simulator.cluster.cts.get(100)?.config["description"];
  assert.equal(description, "pxrun-tailnet: n1CNTRL of 100 on local-lvm:vm-100-disk-0\n");
  const given = await scene.run(["create", "-"], { stdin: recipe(), env: byKey });
  assert.equal(given.status, 0, given.stderr);
  assert.equal((await scene.run(["destroy", "db-1", "web-1", "--yes"])).status, 0);
  assert.deepEqual(tailnet.devices, []);
});

Deno.test("create without an API key binds nothing, and destroy prints where the node stays", async () => {
  await using scene = await both();
  const env = { ...byKey, TAILSCALE_API_KEY: "" };
  const made = await scene.run(["create", "-"], { stdin: recipe(), env });
  assert.equal(made.status, 0, made.stderr);
  const { status, stderr } = await scene.run(["destroy", "web-1", "--yes"], { env });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /its node stays there, since no API key is known: https:.*machines/);
  assert.equal(scene.tailnet.devices.length, 1);
});

Deno.test("destroy goes on when the tailnet cannot be asked, and says so", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  assert.equal((await scene.run(["create", "-"], { stdin: recipe() })).status, 0);
  tailnet.faults.set("DELETE /api/v2/device", new Response("busy", { status: 500 }));
  const late = await scene.run(["destroy", "web-1", "--yes"]);
  assert.equal(late.status, 0, late.stderr);
  assert.match(late.stderr, /web-1\.example\.ts\.net stays in the tailnet: .*answers 500/);
  assert.equal((await scene.run(["create", "-"], { stdin: recipe() })).status, 0);
  tailnet.faults.set("GET", Response.json({ message: "no" }, { status: 403 }));
  const dry = await scene.run(["destroy", "web-1", "--dry-run"]);
  assert.match(dry.stdout, /the tailnet was not looked at: .*answers 403: no/);
  assert.equal(lab.containers().length, 1);
  const blind = await scene.run(["destroy", "web-1", "--yes"]);
  assert.equal(blind.status, 0, blind.stderr);
  assert.match(blind.stderr, /the tailnet was not looked at: .*; its nodes: https:.*machines/);
});
