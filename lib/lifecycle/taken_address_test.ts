import assert from "node:assert/strict";
import { recipe, snapshot } from "../../tests/support/facts.ts";
import { takenAddresses } from "./taken_address.ts";

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
