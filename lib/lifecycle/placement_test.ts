import assert from "node:assert/strict";
import { GiB, node, recipe, snapshot } from "../../tests/support/facts.ts";
import { place } from "./placement.ts";
import type { NodeFacts } from "./snapshot.ts";

function placed(container: string, ...nodes: NodeFacts[]): ReturnType<typeof place> {
  return place(recipe(container), snapshot({ nodes }));
}

function problemOf(container: string, ...nodes: NodeFacts[]): string {
  const { problems } = placed(container, ...nodes);
  return problems.map(({ code, message, hint }) => `${code}: ${message} (${hint})`).join("\n");
}

const rootdir = { active: true, content: ["rootdir"] };

Deno.test("place() takes the node with the most free memory", () => {
  const { placement } = placed("", node("a"), node("b", { freeMemory: 9 * GiB }), node("c"));
  assert.equal(placement?.node, "b");
});

Deno.test("place() prefers a node that has the template to one that must download it", () => {
  const bare = node("big", { freeMemory: 99 * GiB, templates: [] });
  assert.equal(placed("", bare, node("small")).placement?.node, "small");
  assert.equal(placed("", bare).placement?.template.download?.storage, "local");
});

Deno.test("place() goes by room where the token may not see memory", () => {
  const roomy = [{ storage: "tank", ...rootdir, avail: 500 * GiB }, ...node("b").storages];
  const { placement } = placed(
    "",
    node("a", { freeMemory: undefined }),
    node("b", { freeMemory: undefined, storages: roomy }),
  );
  assert.deepEqual([placement?.node, placement?.storage], ["b", "tank"]);
});

Deno.test("place() keeps to the node of the recipe", () => {
  const other = node("b", { freeMemory: 99 * GiB });
  assert.equal(placed("node: a", node("a"), other).placement?.node, "a");
});

Deno.test("place() names the nodes there are when the recipe's is not one", () => {
  assert.match(
    problemOf("node: x", node("a"), node("b")),
    /NOT_FOUND: there is no node x \(.*a, b/,
  );
});

Deno.test("place() says why an offline or unreadable node will not do", () => {
  assert.match(problemOf("", node("a", { online: false })), /UNREACHABLE: node a is offline/);
  assert.match(
    problemOf("node: a", node("a", { problem: "595 no route" })),
    /node a is not readable: 595 no route/,
  );
});

Deno.test("place() gives every node's reason when none will do", () => {
  const text = problemOf("", node("a", { online: false }), node("b", { bridges: [] }));
  assert.match(text, /node a is offline/);
  assert.match(text, /there is no bridge .* on b .*SDN\.Use/);
});

Deno.test("place() takes the roomiest storage for containers, or the one that is asked for", () => {
  const storages = [
    { storage: "small", ...rootdir, avail: 20 * GiB },
    { storage: "big", ...rootdir, avail: 200 * GiB },
    { storage: "off", ...rootdir, active: false, avail: 900 * GiB },
    { storage: "local", active: true, content: ["vztmpl"], avail: 900 * GiB },
  ];
  const at = node("a", { storages });
  assert.equal(placed("", at).placement?.storage, "big");
  const asked = placed("resources: { storage_pool: small }", at);
  assert.equal(asked.placement?.storage, "small");
});

Deno.test("place() refuses a storage that is missing, of another kind, or full", () => {
  const on = (pool: string, size = 8): string =>
    problemOf(`resources: { storage_pool: ${pool}, storage: ${size} }`, node("a"));
  assert.match(on("nosuch"), /NOT_FOUND: there is no storage nosuch on a \(.*local-lvm/);
  const down = [{ storage: "nfs", active: false, content: ["rootdir"], avail: 0 }];
  assert.match(
    problemOf("resources: { storage_pool: nfs }", node("a", { storages: down })),
    /UNREACHABLE: storage nfs is not active on a \(see why: pvesm status/,
  );
  assert.match(on("local"), /does not hold containers on a .*local-lvm/);
  assert.match(
    on("local-lvm", 101),
    /FAILED: storage local-lvm on a has no room for 101 GiB .*100\.0 GiB are/,
  );
  assert.match(
    problemOf("resources: { storage: 500 }", node("a")),
    /no storage on a has room for 500 GiB/,
  );
});

Deno.test("place() counts the volumes of a recipe together with the root file system", () => {
  const volume = (size: number): string =>
    `resources: { storage: 60 }, mount_points: [{ volume: local-lvm, size: ${size}G, container: /d }]`;
  assert.equal(placed(volume(40), node("a")).placement?.storage, "local-lvm");
  assert.match(problemOf(volume(41), node("a")), /no storage on a has/);
});

Deno.test("place() says what right may be missing when it sees no storage at all", () => {
  assert.match(problemOf("", node("a", { storages: [] })), /Datastore\.Audit/);
});

Deno.test("place() uses vmbr0 unless the recipe names a bridge, and names those there are", () => {
  assert.deepEqual(placed("", node("a")).placement?.bridges, ["vmbr0"]);
  const two = "network: [{ bridge: vmbr1 }, { ip: manual }]";
  assert.deepEqual(placed(two, node("a")).placement?.bridges, ["vmbr1", "vmbr0"]);
  assert.match(
    problemOf("network: { bridge: vmbr9 }", node("a")),
    /NOT_FOUND: there is no bridge vmbr9 on a \(.*there are vmbr0, vmbr1\)/,
  );
});

Deno.test("place() lists the aliases there are when the template is not known", () => {
  const at = node("a");
  const wish = place({
    ...recipe(""),
    container: { ...recipe("").container, template: "debian-99" },
  }, snapshot({ nodes: [at] }));
  assert.match(wish.problems[0]?.hint ?? "", /alpine-3\.22, debian-13/);
});

Deno.test("place() says once what several nodes have in common, with their names", () => {
  const nodes = ["a", "b", "c"].map((name) => node(name));
  const { problems } = placed("network: { bridge: vmbr9 }", ...nodes);
  assert.deepEqual(problems.map(({ code, path, message }) => [code, path, message]), [
    ["NOT_FOUND", "container.network[0].bridge", "there is no bridge vmbr9 on a, b, c"],
  ]);
  const many = Array.from({ length: 20 }, (_, i) => node(`n${i}`, { online: false }));
  assert.deepEqual(placed("", ...many).problems.map(({ message }) => message), [
    "nodes n0, n1, n2 and 17 more are offline",
  ]);
});

Deno.test("place() keeps what each node advises where that differs", () => {
  const other = node("b", { bridges: ["vmbr7"] });
  const { problems } = placed("network: { bridge: lan }", node("a"), other);
  assert.deepEqual(problems.map(({ hint }) => hint), [
    "a: there are vmbr0, vmbr1; b: there are vmbr7",
  ]);
});

Deno.test("place() names what was meant by a mistyped template, bridge, storage or node", () => {
  const hintOf = (container: string): string | undefined =>
    placed(container, node("pve01")).problems[0]?.hint;
  const wish = { ...recipe("").container, template: "debain-13" };
  const template = place({ ...recipe(""), container: wish }, snapshot()).problems[0]?.hint;
  assert.match(template ?? "", /^did you mean debian-13\?/);
  assert.match(hintOf("network: { bridge: vmbr00 }") ?? "", /^did you mean vmbr0\?/);
  assert.match(hintOf("resources: { storage_pool: localvm }") ?? "", /did you mean local-lvm\?/);
  assert.match(hintOf("node: pve1") ?? "", /^did you mean pve01\?/);
});
