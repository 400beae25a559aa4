import assert from "node:assert/strict";
import { recipe } from "../../tests/support/facts.ts";
import { flagOverrides, parseRecipe, parseSet, recipeFromOverrides } from "../recipe/mod.ts";
import { PlanRejected } from "./problem.ts";

Deno.test("PlanRejected places a problem at its key, or at the nearest key above that was written", () => {
  const wish = recipe("network: [{ ip: dhcp }, { ip: manual }]");
  const lineOf = (path: string): string =>
    new PlanRejected("create web-1", [{ code: "FAILED", message: "no", path }], wish).message
      .split("\n")[1]?.trim() ?? "";
  const column = (place: string): number => Number(/:(\d+): no$/.exec(place)?.[1]);
  const first = column(lineOf("container.network[0].bridge"));
  const second = column(lineOf("container.network[1].bridge"));
  assert.ok(second > first, "each interface has a place of its own");
  assert.match(lineOf("container.pool"), /^web\.yaml:2:\d+: no$/);
});

Deno.test("PlanRejected says no place for a wish that no file holds", () => {
  const { origin: _, ...wish } = recipe("");
  const problem = { code: "NOT_FOUND", message: "no", hint: "do", path: "container.pool" } as const;
  const error = new PlanRejected("create web-1", [problem], wish);
  assert.equal(error.message, "cannot create web-1:\n  no\n    → do");
  assert.equal(error.code, "NOT_FOUND");
});

Deno.test("PlanRejected names the flag or setting that gave a value instead of a place in the file", () => {
  const flags = {
    template: "debian-99",
    node: "pve09",
    vmid: "123",
    pool: "prod",
    storage: "9999",
    storagePool: "tank",
    bridge: "vmbr9",
    sshKey: ["nosuch.pub"],
  };
  const overrides = [...flagOverrides(flags), parseSet("container.hookscript=local:snippets/x")];
  const text = "{ container: { hostname: a, template: b }, provisioning: { ssh_keys: [own.pub] } }";
  const defaults = [{ path: "container.tags[+]", value: "dev", source: "defaults.tag" }];
  const wish = parseRecipe(text, { file: "web.yaml", env: {}, overrides, defaults });
  const placeOf = (path: string, of = wish): string =>
    new PlanRejected("create a", [{ code: "FAILED", message: "no", path }], of).message
      .split("\n")[1]?.trim() ?? "";
  const expected = {
    "container.template": "--template: no",
    "container.node": "--node: no",
    "container.vmid": "--vmid: no",
    "container.pool": "--pool: no",
    "container.resources.storage": "--storage: no",
    "container.resources.storage_pool": "--storage-pool: no",
    "container.network[0].bridge": "--bridge: no",
    "provisioning.ssh_keys[0]": "web.yaml:1:71: no",
    "provisioning.ssh_keys[1]": "--ssh-key: no",
    "container.hookscript": "--set container.hookscript: no",
    "container.tags": "defaults.tag: no",
    "container.hostname": "web.yaml:1:26: no",
    "container.resources.memory": "web.yaml:1:3: no",
  };
  for (const [path, place] of Object.entries(expected)) assert.equal(placeOf(path), place, path);
  const alone = recipeFromOverrides(flagOverrides({ ...flags, hostname: "a" }), { env: {} });
  assert.equal(placeOf("container.template", alone), "--template: no");
  assert.equal(placeOf("container.resources.memory", alone), "no");
});
