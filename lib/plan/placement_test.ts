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
  assert.match(text, /there is no bridge .* on b .*System > Network/);
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

/** Storages whose disks take all of their size at once, and a small one besides. */
const thick = [
  { storage: "local", active: true, content: ["vztmpl", "iso"], avail: 50 * GiB },
  { storage: "local-lvm", ...rootdir, avail: 100 * GiB, thick: true },
  { storage: "small", ...rootdir, avail: 10 * GiB, thick: true },
];

Deno.test("place() refuses a storage that is missing, of another kind, or full", () => {
  const on = (pool: string, size = 8): string =>
    problemOf(
      `resources: { storage_pool: ${pool}, storage: ${size} }`,
      node("a", { storages: thick }),
    );
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
  assert.match(on("local-lvm", 101), /no other storage has room for 101 GiB/);
  assert.match(on("small", 20), /storages that hold containers: local-lvm\)/);
  assert.match(
    problemOf("resources: { storage: 500 }", node("a", { storages: thick })),
    /no storage on a has room for 500 GiB/,
  );
});

Deno.test("place() warns where a storage gives room only when it is used, and prefers one that has it", () => {
  const thin = [
    { storage: "thin", ...rootdir, avail: 2 * GiB },
    { storage: "thinner", ...rootdir, avail: 1 * GiB },
  ];
  const asked = "resources: { storage_pool: thinner, storage: 8 }";
  const tight = placed(asked, node("a", { storages: thin }));
  assert.equal(tight.placement?.storage, "thinner");
  assert.match(tight.warnings?.[0] ?? "", /thinner on a has 1\.0 GiB free, less than the 8 GiB/);
  const free = placed("resources: { storage: 8 }", node("a", { storages: thin }));
  assert.deepEqual([free.placement?.storage, free.warnings?.length], ["thin", 1]);
  const both = node("a", { storages: [...thin, ...thick] });
  assert.deepEqual(placed("resources: { storage: 8 }", both).warnings, []);
  const roomy = node("b", { freeMemory: 1 });
  assert.equal(
    placed("resources: { storage: 8 }", node("a", { storages: thin }), roomy).placement?.node,
    "b",
  );
  const full = [{ storage: "thin", ...rootdir, avail: 0, full: true }];
  assert.match(problemOf("", node("a", { storages: full })), /no storage on a has room/);
});

Deno.test("place() leaves out a node of several that cannot be read, and says so", () => {
  const { placement, warnings } = placed("", node("a", { problem: "no answer" }), node("b"));
  assert.equal(placement?.node, "b");
  assert.deepEqual(warnings, ["node a was left out: no answer"]);
});

Deno.test("place() goes on without the templates of a storage that cannot be listed", () => {
  const unread = [{ storage: "nas", reason: "unable to activate storage" }];
  const { placement, warnings } = placed("", node("a", { unread }));
  assert.equal(placement?.node, "a");
  assert.match(warnings?.[0] ?? "", /templates of nas on a cannot be listed: unable to activate/);
  const { container } = recipe("");
  const wished = { ...recipe(""), container: { ...container, template: "nas:vztmpl/x.tar.zst" } };
  const [problem] = place(wished, snapshot({ nodes: [node("a", { unread })] })).problems;
  assert.equal(problem?.code, "UNREACHABLE");
  assert.match(problem?.message ?? "", /nas:vztmpl.*unable to activate/);
});

Deno.test("place() takes a bridge of which one VLAN may be used, listed or not", () => {
  const network = "network: { bridge: vmbr7, vlan: 5 }";
  const permissions = { "/sdn/zones/localnetwork/vmbr7/5": { "SDN.Use": true } };
  const on = (wish: string) =>
    place(recipe(wish), snapshot({ nodes: [node("a", { bridges: [] })], permissions }));
  assert.deepEqual(on(network).placement?.bridges, ["vmbr7"]);
  assert.match(on("network: { bridge: vmbr7 }").problems[0]?.hint ?? "", /may lack SDN\.Use/);
});

Deno.test("place() says that the index is empty, and never offers what it refused", () => {
  const bare = node("a", { index: [], templates: [] });
  assert.match(problemOf("", bare), /no template debian-13 on a, and its index is empty \(.*pveam/);
  const [foreign = ""] = ["debian-13-standard_13.1-2_arm64.tar.zst"];
  const arm = node("a", { index: [foreign, "alpine-3.22-default_1_amd64.tar.xz"], templates: [] });
  assert.match(problemOf("", arm), /no template debian-13 .*\(there are alpine-3\.22\)/);
});

Deno.test("place() lets the recipe choose among several kinds of one system", () => {
  const files = ["debian-13-zabbix_1.0_amd64.tar.zst", "debian-13-mine_1.0_amd64.tar.zst"];
  const at = node("a", { index: files, templates: [] });
  assert.match(
    problemOf("", at),
    /USAGE: .*mine, zabbix \(choose one: debian-13-mine, debian-13-zab/,
  );
});

Deno.test("place() counts the volumes of a recipe together with the root file system", () => {
  const volume = (size: number): string =>
    `resources: { storage: 60 }, mount_points: [{ volume: local-lvm, size: ${size}G, container: /d }]`;
  const at = node("a", { storages: thick });
  assert.equal(placed(volume(40), at).placement?.storage, "local-lvm");
  assert.match(problemOf(volume(41), at), /no storage on a has/);
});

Deno.test("place() says what right may be missing when it sees no storage at all", () => {
  assert.match(problemOf("", node("a", { storages: [] })), /pvesm set/);
  const nodes = [node("a", { storages: [] })];
  const hidden = place(recipe(""), snapshot({ nodes, permissions: {} }));
  assert.match(hidden.problems[0]?.hint ?? "", /Datastore\.Audit/);
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
  assert.match(wish.problems[0]?.hint ?? "", /alpine-3\.22, debian-13$/);
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
