import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { connect } from "../../lib/cluster/connect.ts";
import type { Fetch } from "../../lib/core/platform.ts";
import { planProvision, provision } from "../../lib/operations/provision.ts";
import { parseRecipe } from "../../lib/recipe/mod.ts";
import { both, byApi, byKey, byKeyJoin, recipe } from "../support/cluster_and_tailnet.ts";
import { fastClock } from "../support/fast_clock.ts";
import { startLab } from "../support/simulator.ts";
import { startTailnet } from "../support/tailnet.ts";

Deno.test("create joins the tailnet with a key made for it, and revokes the key", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  const stdin = recipe("{ ephemeral: true }");
  const { status, stdout, stderr } = await scene.run(["create", "-", "--verbose"], { stdin });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /make a key for the tailnet +API +POST https:\/\/api\.tailscale\.com/);
  assert.match(stdout, /tailnet +web-1\.example\.ts\.net 100\.64\.0\.1\n/);
  assert.equal(lab.simulator.cluster.cts.get(100)?.config["dev0"], "/dev/net/tun");
  assert.deepEqual(tailnet.made.map(({ wish }) => wish), [{
    capabilities: {
      devices: {
        create: {
          reusable: false,
          ephemeral: true,
          preauthorized: true,
          tags: ["tag:container"],
        },
      },
    },
    expirySeconds: 3600,
    description: "pxrun web-1",
  }]);
  assert.deepEqual(tailnet.devices.map(({ name }) => name), ["web-1.example.ts.net"]);
  assert.deepEqual([...tailnet.keys], []);
});

Deno.test("provision leaves a node alone that has joined, and makes no key for it", async () => {
  await using scene = await both();
  const { tailnet } = scene;
  const stdin = recipe();
  assert.equal((await scene.run(["create", "-"], { stdin })).status, 0);
  const again = ["provision", "web-1", "-", "--format", "json"];
  const same = await scene.run(again, { stdin });
  assert.deepEqual(JSON.parse(same.stdout).changed, [], same.stderr);
  assert.equal(tailnet.made.length, 1);
  const other = recipe(
    "{ accept_routes: true, advertise_routes: ['2001:DB8:0::/48', 10.0.0.0/8] }",
  );
  const changed = JSON.parse((await scene.run(again, { stdin: other })).stdout);
  assert.deepEqual(changed.changed, ["tailscale"]);
  assert.deepEqual(changed.tailscale, { name: "web-1.example.ts.net", addresses: ["100.64.0.1"] });
  const reply = await scene.run(again, { stdin: other });
  assert.deepEqual(JSON.parse(reply.stdout).changed, []);
  assert.equal(tailnet.devices.length, 1);
});

Deno.test("provision joins a container that was made without Tailscale", async () => {
  await using scene = await both();
  const device = "container: { hostname: web-1, template: debian-13, devices: [/dev/net/tun] }\n"
    .replace("[/dev/net/tun]", "[{ path: /dev/net/tun }]");
  assert.equal((await scene.run(["create", "-"], { stdin: device })).status, 0);
  const stdin = recipe();
  const { status, stderr } = await scene.run(["provision", "web-1", "-"], { stdin });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /tailnet +web-1\.example\.ts\.net/);
  assert.deepEqual([...scene.tailnet.keys], []);
});

Deno.test("provision says what a container without /dev/net/tun lacks", async () => {
  await using scene = await both();
  const plain = "container: { hostname: web-1, template: debian-13 }\n";
  assert.equal((await scene.run(["create", "-"], { stdin: plain })).status, 0);
  const { status, stderr } = await scene.run(["provision", "web-1", "-"], { stdin: recipe() });
  assert.equal(status, 1);
  assert.match(stderr, /no \/dev\/net\/tun: as root of its node, pct set/);
  assert.deepEqual([...scene.tailnet.keys], []);
});

Deno.test("create prefers the key it is given, and needs no API then", async () => {
  await using scene = await both();
  const env = { ...byKey, TAILSCALE_API_KEY: "" };
  const stdin = recipe('{ auth_key: "${TAILSCALE_AUTH_KEY}", hostname: other, ephemeral: true }');
  const { status, stderr } = await scene.run(["create", "-"], { stdin, env });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /must have been made as ephemeral/);
  assert.deepEqual(scene.tailnet.requests, []);
  assert.deepEqual(scene.tailnet.devices.map(({ name }) => name), ["other.example.ts.net"]);
});

Deno.test("create with a key at hand does not mind an API that is away", async () => {
  await using scene = await both();
  scene.tailnet.faults.set("GET ", new Response("", { status: 503 }));
  const env = { ...byKey, ...byApi };
  const { status, stderr } = await scene.run(["create", "-"], { stdin: recipe(), env });
  assert.equal(status, 0, stderr);
  assert.deepEqual(scene.tailnet.devices.map(({ name }) => name), ["web-1.example.ts.net"]);
});

Deno.test("create wants a key before it makes anything, and one that works", async () => {
  await using scene = await both();
  const { lab } = scene;
  const none = await scene.run(["create", "-"], {
    stdin: recipe(),
    env: { TAILSCALE_API_KEY: "" },
  });
  assert.equal(none.status, 2);
  assert.match(none.stderr, /stdin:3:\d+: there is no key to join the tailnet with/);
  const env = { TAILSCALE_API_KEY: "tskey-api-wrong" };
  const wrong = await scene.run(["create", "-"], { stdin: recipe(), env });
  assert.equal(wrong.status, 4, wrong.stderr);
  assert.match(wrong.stderr, /answers 401: API token invalid/);
  assert.deepEqual(lab.changes(), []);
  const dry = await scene.run(["create", "-", "--dry-run"], { stdin: recipe() });
  assert.equal(dry.status, 0, dry.stderr);
  assert.deepEqual(scene.tailnet.made, []);
});

Deno.test("create makes no container when the tailnet gives no key for the tag", async () => {
  await using scene = await both();
  const env = { TAILSCALE_TAGS: "tag:nosuch" };
  const { status, stderr } = await scene.run(["create", "-"], { stdin: recipe(), env });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /requested tags \[tag:nosuch\].*\n.*tagOwners/);
  assert.deepEqual(scene.lab.containers(), []);
});

Deno.test("create that fails revokes its key, and takes a node out that has joined", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  const undo = lab.simulator.inject({ name: "task-failure", type: "vzstart" });
  const early = await scene.run(["create", "-"], { stdin: recipe() });
  assert.equal(early.status, 1);
  assert.match(early.stderr, /✓ revoke the key for the tailnet/);
  assert.deepEqual([...tailnet.keys], []);
  undo();
  const script = "  scripts: [{ content: exit 7 }]\n";
  const args = ["create", "-", "--on-failure", "destroy"];
  const late = await scene.run(args, { stdin: recipe("true", script) });
  assert.equal(late.status, 1);
  assert.match(late.stderr, /✓ take it out of the tailnet/);
  assert.deepEqual([tailnet.devices, [...tailnet.keys], lab.containers()], [[], [], []]);
});

Deno.test("create that is done does not fail for a tailscale that is too busy to say its name", async () => {
  await using scene = await both();
  const stdin = recipe(
    "true",
    `  scripts:
    - name: busy
      content: |
        cat >/usr/local/bin/tailscale <<'end'
        #!/bin/sh
        sleep 600
        end
        chmod 755 /usr/local/bin/tailscale
`,
  );
  const platform = scene.lab.platform({ stdin, fetch: scene.tailnet.fetch, env: byApi });
  // The 20 s that it has are one.
  const status = await runCli(["create", "-"], { ...platform, clock: fastClock(20) });
  assert.equal(status, 0, platform.stderr());
  assert.doesNotMatch(platform.stdout(), /tailnet/);
  assert.deepEqual(scene.tailnet.devices.map(({ name }) => name), ["web-1.example.ts.net"]);
  const tags = scene.lab.simulator.cluster.cts.get(100)?.config["tags"] ?? "";
  assert.doesNotMatch(tags, /pxrun/);
});

Deno.test("create that keeps its container leaves the node, and no key", async () => {
  await using scene = await both();
  const script = "  scripts: [{ content: exit 7 }]\n";
  const { status, stderr } = await scene.run(["create", "-"], { stdin: recipe("true", script) });
  assert.equal(status, 1);
  assert.match(stderr, /web-1 \(100\) is kept/);
  assert.deepEqual([scene.tailnet.devices.length, [...scene.tailnet.keys]], [1, []]);
});

Deno.test("create says which node stays in the tailnet when nobody may remove it", async () => {
  await using scene = await both();
  const args = ["create", "-", "--on-failure", "destroy"];
  const stdin = recipe("true", "  scripts: [{ content: exit 7 }]\n");
  const { status, stderr } = await scene.run(args, {
    stdin,
    env: { ...byKey, TAILSCALE_API_KEY: "" },
  });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /web-1\.example\.ts\.net stays in the tailnet, since no API key is known; later: https:.*machines/,
  );
  assert.deepEqual(scene.lab.containers(), []);
});

Deno.test("create and provision tell of a key that could not be revoked, and go on", async () => {
  await using scene = await both();
  const { tailnet } = scene;
  tailnet.faults.set("DELETE /api/v2/tailnet", new Response("", { status: 503 }));
  const stays = /could not revoke the key .*answers 503.*; later: https:.*\/admin\/settings\/keys/;
  const made = await scene.run(["create", "-"], { stdin: recipe() });
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stderr, stays);
  tailnet.devices.splice(0);
  const device =
    "container: { hostname: db-1, template: debian-13, devices: [{ path: /dev/net/tun }] }";
  assert.equal((await scene.run(["create", "-"], { stdin: device })).status, 0);
  const joined = await scene.run(["provision", "db-1", "-"], { stdin: recipe() });
  assert.equal(joined.status, 0, joined.stderr);
  assert.match(joined.stderr, stays);
  // Also where something else has failed behind it.
  tailnet.devices.splice(0);
  assert.equal(
    (await scene.run(["create", "-", "--hostname", "db-2"], { stdin: device })).status,
    0,
  );
  const failing = recipe("true", "  scripts: [{ content: exit 7 }]\n");
  const failed = await scene.run(["provision", "db-2", "-"], { stdin: failing });
  assert.equal(failed.status, 1, failed.stderr);
  assert.match(failed.stderr, stays);
});

Deno.test("provision that nobody listens to any more revokes its key", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  assert.equal((await scene.run(["create", "-", "--no-provision"], { stdin: recipe() })).status, 0);
  const platform = lab.platform({ env: byApi, fetch: tailnet.fetch });
  await using cluster = await connect(platform);
  const wish = parseRecipe(recipe("true", "  scripts: [{ content: exit 7 }]\n"), {
    file: "web.yaml",
    env: {},
  });
  const plan = await planProvision(cluster, "100", wish);
  for await (const event of provision(cluster, plan)) {
    if (event.type === "step-done" && event.step === "tailscale") break;
  }
  assert.deepEqual([tailnet.made.length, [...tailnet.keys]], [1, []]);
});

Deno.test("create tells of a key that may have been made although nobody said so", async () => {
  await using scene = await both();
  const { lab, tailnet } = scene;
  const lost: Fetch = async (url, init) => {
    const reply = await tailnet.fetch(url, init);
    if (init.method !== "POST") return reply;
    await reply.body?.cancel();
    throw new TypeError("the connection was lost");
  };
  const { status, stderr } = await lab.run(["create", "-"], {
    stdin: recipe(),
    env: byApi,
    fetch: lost,
  });
  assert.equal(status, 5, stderr);
  assert.match(stderr, /a key called pxrun web-1 may have been made .*\/admin\/settings\/keys/);
  assert.deepEqual([tailnet.keys.size, lab.containers()], [1, []]);
});

Deno.test("create refuses what the control server refuses, in its words", async () => {
  await using scene = await both();
  const env = { TAILSCALE_AUTH_KEY: "tskey-auth-kOLD-9", TAILSCALE_API_KEY: "" };
  const { status, stderr } = await scene.run(["create", "-"], { stdin: recipe(), env });
  assert.equal(status, 1);
  assert.match(stderr, /backend error: invalid key.*\n.*cannot join the tailnet/);
});

Deno.test("create warns of a node that has the name already", async () => {
  await using scene = await both();
  scene.tailnet.join({ ...byKeyJoin, hostname: "web-1" });
  const { stdout, stderr } = await scene.run(["create", "-"], { stdin: recipe() });
  assert.match(stderr, /the tailnet has a node web-1 already/);
  assert.match(stdout, /tailnet +web-1-1\.example\.ts\.net/);
});

Deno.test("tailscale nodes and key ask the API, and no cluster", async () => {
  await using tailnet = startTailnet({ given: [byKey.TAILSCALE_AUTH_KEY] });
  await using lab = await startLab();
  const run = (args: readonly string[], env: Record<string, string> = byApi) =>
    lab.run(["tailscale", ...args], { fetch: tailnet.fetch, env });
  tailnet.join({ ...byKeyJoin, hostname: "web-1" });
  const nodes = await run(["nodes"], { ...byApi, TAILSCALE_TAILNET: "example.com" });
  assert.match(nodes.stdout, /^NAME .*\nweb-1\.example\.ts\.net +100\.64\.0\.1 .*n1CNTRL\n$/);
  const [node] = JSON.parse((await run(["nodes", "--format", "json"])).stdout);
  assert.equal(node.nodeKey, "nodekey:0a");
  const key = await run(["key", "--ephemeral"]);
  assert.equal(key.stdout, `${tailnet.made[0]?.key}\n`);
  assert.match(key.stderr, /for one node, until 20.*; tag:container/);
  const data = JSON.parse((await run(["key", "--format", "json"])).stdout);
  assert.equal(data.key, tailnet.made[1]?.key);
  assert.equal((await run(["key", "--tag", "tag:other"])).status, 4);
  const none = await run(["nodes"], {});
  assert.equal(none.status, 2);
  assert.match(none.stderr, /no key for Tailscale's API\n.*TAILSCALE_API_KEY/);
  assert.deepEqual(lab.simulator.requests, []);
});
