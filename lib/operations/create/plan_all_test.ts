import assert from "node:assert/strict";
import { GiB, node, recipe, snapshot } from "../../../tests/support/facts.ts";
import { planCreate } from "../../plan/plan.ts";
import { afterPlan } from "./plan_all.ts";

const wish = recipe(`resources: { memory: 6144, storage: 30, storage_pool: local-lvm },
  network: { ip: 10.0.0.5/24 },
  mount_points: [{ volume: local-lvm, size: 10, container: /d }]`);

Deno.test("afterPlan() takes memory, room, name, vmid and address from those who come later", async () => {
  const nodes = [node("pve01"), node("pve02", { freeMemory: 7 * GiB })];
  const before = snapshot({ nodes });
  const plan = await planCreate(wish, before, { start: true, provision: true });
  assert.equal(plan.placement.node, "pve01");
  const after = afterPlan(before, plan);
  const [first, second] = after.nodes;
  assert.equal(first?.freeMemory, 2 * GiB);
  assert.equal(first?.storages.find(({ storage }) => storage === "local-lvm")?.avail, 60 * GiB);
  assert.deepEqual(second, nodes[1]);
  assert.deepEqual(after.guests, [{
    vmid: 100,
    type: "lxc",
    node: "pve01",
    name: "web-1",
    status: "planned",
  }]);
  await assert.rejects(planCreate(wish, after, { start: true, provision: true }), {
    message: /several of these want the address 10\.0\.0\.5/,
  });
  assert.deepEqual(after.names.containers, [
    { vmid: 100, node: "pve01", name: "web-1", planned: true },
  ]);
  const other = { ...recipe(""), container: { ...recipe("").container, hostname: "web-2" } };
  const next = await planCreate(other, after, { start: true, provision: true });
  assert.equal(next.placement.node, "pve02");
});
