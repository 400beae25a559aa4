import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { Arrival } from "../../sim/mod.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { fastClock } from "../support/fast_clock.ts";

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];

/** A cluster where HA moves container 100 to pve02 as soon as such a request comes in, once. */
async function startMoving(): Promise<Lab & { movesAt(method: string, path: RegExp): void }> {
  let next: { method: string; path: RegExp } | undefined;
  const onArrival = (arrival: Arrival): void => {
    if (arrival.by !== "REST" || arrival.method !== next?.method) return;
    if (!next.path.test(arrival.path)) return;
    const ct = lab.simulator.cluster.cts.get(100);
    if (ct) Object.assign(ct, { node: "pve02" });
    next = undefined;
  };
  const lab = await startLab({ onArrival });
  return { ...lab, movesAt: (method, path) => next = { method, path } };
}

async function run(lab: Lab, args: readonly string[]) {
  const platform = lab.platform();
  const status = await runCli(args, { ...platform, clock: fastClock(20) });
  return { status, stderr: platform.stderr() };
}

Deno.test("create that is undone removes a container that moves to another node before the DELETE", async () => {
  await using lab = await startMoving();
  lab.simulator.inject({ name: "task-failure", type: "vzstart", times: 1 });
  lab.movesAt("DELETE", /\/lxc\/100$/);
  const { status, stderr } = await run(lab, create);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /✓ remove container 100/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("destroy says where a container has moved to before the DELETE, and not that it is missing", async () => {
  await using lab = await startMoving();
  assert.equal((await run(lab, create)).status, 0);
  lab.movesAt("DELETE", /\/lxc\/100$/);
  const { status, stderr } = await run(lab, ["destroy", "web-1", "--yes"]);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /error: container 100 has moved from pve01 to pve02/);
  assert.deepEqual(lab.containers(), ["100 web-1"]);
});

Deno.test("create takes its mark from a container that moves to another node before the PUT", async () => {
  await using lab = await startMoving();
  lab.movesAt("PUT", /\/lxc\/100\/config$/);
  const { status, stderr } = await run(lab, create);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /still marked/);
  assert.equal(lab.simulator.cluster.cts.get(100)?.config["tags"], undefined);
});
