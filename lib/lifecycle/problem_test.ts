import assert from "node:assert/strict";
import { recipe } from "../../tests/support/facts.ts";
import { PlanRefused } from "./problem.ts";

Deno.test("PlanRefused places a problem at its key, or at the nearest key above that was written", () => {
  const wish = recipe("network: [{ ip: dhcp }, { ip: manual }]");
  const lineOf = (path: string): string =>
    new PlanRefused("create web-1", [{ code: "FAILED", message: "no", path }], wish).message
      .split("\n")[1]?.trim() ?? "";
  const column = (place: string): number => Number(/:(\d+): no$/.exec(place)?.[1]);
  const first = column(lineOf("container.network[0].bridge"));
  const second = column(lineOf("container.network[1].bridge"));
  assert.ok(second > first, "each interface has a place of its own");
  assert.match(lineOf("container.pool"), /^web\.yaml:2:\d+: no$/);
});

Deno.test("PlanRefused says no place for a wish that no file holds", () => {
  const { origin: _, ...wish } = recipe("");
  const problem = { code: "NOT_FOUND", message: "no", hint: "do", path: "container.pool" } as const;
  const error = new PlanRefused("create web-1", [problem], wish);
  assert.equal(error.message, "cannot create web-1:\n  no\n    → do");
  assert.equal(error.code, "NOT_FOUND");
});
