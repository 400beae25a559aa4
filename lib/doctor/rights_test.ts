import assert from "node:assert/strict";
import { node } from "../../tests/support/facts.ts";
import { GUEST_PRIVILEGES } from "../cluster/rights.ts";
import { checkRights } from "./rights.ts";

const guests = Object.fromEntries(GUEST_PRIVILEGES.map((privilege) => [privilege, true]));
const space = { "Datastore.AllocateSpace": true };
const storage = (name: string) =>
  ({ storage: name, active: true, content: ["rootdir"], avail: 1 }) as const;
const nodes = [node("pve01", { storages: [storage("fast"), storage("slow")] })];

/** The verdicts about the storages where disks may be, with the name of each. */
function onStorages(paths: Record<string, Record<string, boolean>>): string[] {
  const holder = { permissions: { "/vms": guests, ...paths }, tokenId: "a@pve!b", pool: undefined };
  return checkRights(holder, nodes).flatMap(({ verdict, message }) => {
    const [, names] = /^containers on ([^:]*)/.exec(message) ?? [];
    return names === undefined ? [] : [`${verdict} ${names}`];
  });
}

Deno.test("checkRights() fails only where no storage will do", () => {
  assert.deepEqual(onStorages({ "/storage": space }), ["ok fast, slow"]);
  assert.deepEqual(onStorages({ "/storage/slow": space }), ["ok slow", "warning fast"]);
  assert.deepEqual(onStorages({}), ["failed fast", "failed slow"]);
});
