import assert from "node:assert/strict";
import { recipe, snapshot } from "../../tests/support/facts.ts";
import { scriptedRest } from "../../tests/support/scripted_rest.ts";
import { addressesInUse, takenAddresses } from "./taken_address.ts";

const use = { vmid: 7, name: "db", node: "pve02" };

Deno.test("takenAddresses() refuses the address of a running container, and warns of a stopped one's", () => {
  const wish = recipe('network: { ip: 10.0.0.5/24, ip6: "fd00::5/64" }');
  const found = takenAddresses(
    wish,
    snapshot({
      addressesInUse: [
        { ...use, address: "10.0.0.5", running: true },
        { ...use, address: "fd00::5", running: false },
        { ...use, address: "10.0.0.6", running: true },
      ],
    }),
  );
  assert.deepEqual(found.problems.map(({ message, path }) => [message, path]), [[
    "10.0.0.5 is the address of db (7) on pve02, which is running",
    "container.network[0].ip",
  ]]);
  assert.deepEqual(found.warnings, [
    "fd00::5 is also the address of db (7) on pve02, which is stopped now: only one of them can run",
  ]);
});

Deno.test("takenAddresses() has nothing to say where DHCP gives addresses", () => {
  const taken = snapshot({ addressesInUse: [{ ...use, address: "10.0.0.5", running: true }] });
  assert.deepEqual(takenAddresses(recipe(""), taken), { problems: [], warnings: [] });
});

Deno.test("addressesInUse() reads who has an address from the nodes that answer, and names the others", async () => {
  const { rest, sent } = scriptedRest(({ path }) => {
    if (path.includes("/pve03/")) return { status: 596, reason: "Connection timed out" };
    if (path.endsWith("/status/current")) return { data: { vmid: 100, status: "running" } };
    const ip = path.includes("/100/") ? "10.0.0.5/24" : "dhcp";
    return { data: { digest: "d", net0: `name=eth0,bridge=vmbr0,ip=${ip}` } };
  });
  const many = Array.from({ length: 40 }, (_, i) => ({ vmid: 300 + i, node: "pve03", name: "x" }));
  const containers = [
    { vmid: 100, node: "pve01", name: "db" },
    { vmid: 101, node: "pve01", name: "web" },
    ...many,
  ];
  const unread = [{ node: "pve02", problem: "node pve02 is offline" }];
  const wish = recipe("network: { ip: 10.0.0.5/24 }");
  const found = await addressesInUse({ rest }, wish, { containers, unread });
  assert.deepEqual(found, {
    uses: [{ address: "10.0.0.5", vmid: 100, name: "db", node: "pve01", running: true }],
    unread: ["pve02", "pve03"],
  });
  assert.equal(sent.some(({ path }) => path.includes("/pve02/")), false);
  const facts = { addressesInUse: found.uses, addressesUnread: found.unread };
  const { warnings } = takenAddresses(wish, snapshot(facts));
  assert.match(warnings.join(), /addresses of containers on pve02, pve03 are not known now/);
});
