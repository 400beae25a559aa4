import assert from "node:assert/strict";
import { runCli } from "../lib/cli/run.ts";
import { fastClock } from "./support/fast_clock.ts";
import { type Lab, startLab } from "./support/simulator.ts";

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];

/** What stands where the reply of the API should be. */
const BODIES = { nothing: "", null: '{"data":null}', "a page": "<html>please log in</html>" };

async function run(lab: Lab, args: readonly string[]) {
  const world = lab.world();
  const status = await runCli(args, { ...world, clock: fastClock(20) });
  return { status, stdout: world.stdout(), stderr: world.stderr() };
}

for (const [name, message] of Object.entries(BODIES)) {
  for (const path of ["/nodes/pve01/lxc", "/status/start"]) {
    Deno.test(`create finds its own task when ${name} is the reply to POST ${path}`, async () => {
      await using lab = await startLab();
      lab.simulator.inject({ name: "odd-reply", method: "POST", path, message, times: 1 });
      const { status, stderr } = await run(lab, create);
      assert.equal(status, 0, stderr);
      assert.deepEqual(lab.containers(), ["100 web-1"]);
      const posts = lab.changes().filter((change) => change.startsWith("POST"));
      assert.equal(posts.length, 2, posts.join("\n"));
    });
  }

  Deno.test(`destroy finds its own task when ${name} is the reply to its DELETE`, async () => {
    await using lab = await startLab();
    assert.equal((await run(lab, create)).status, 0);
    const path = "/lxc/100";
    lab.simulator.inject({ name: "odd-reply", method: "DELETE", path, message, times: 1 });
    const { status, stderr } = await run(lab, ["destroy", "web-1", "--yes"]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), []);
    assert.equal(lab.changes().filter((change) => change.startsWith("DELETE")).length, 1);
  });

  Deno.test(`destroy --force reads again when ${name} is the reply to its PUT`, async () => {
    await using lab = await startLab();
    assert.equal((await run(lab, create)).status, 0);
    const ct = lab.simulator.cluster.cts.get(100);
    assert.ok(ct);
    ct.config["protection"] = "1";
    lab.simulator.inject({ name: "odd-reply", method: "PUT", path: "/config", message, times: 1 });
    const { status, stderr } = await run(lab, ["destroy", "web-1", "--yes", "--force"]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), []);
  });

  Deno.test(`destroy and cleanup do not take a container for gone when ${name} is its configuration`, async () => {
    await using lab = await startLab();
    assert.equal((await run(lab, create)).status, 0);
    const ct = lab.simulator.cluster.cts.get(100);
    assert.ok(ct);
    ct.config["tags"] = "pxrun-creating";
    lab.simulator.inject({ name: "odd-reply", method: "GET", path: "/lxc/100/config", message });
    for (const args of [["destroy", "web-1", "--yes"], ["cleanup", "--yes"], ["doctor"]]) {
      const { status, stdout, stderr } = await run(lab, args);
      assert.equal(status, 1, args[0] + stdout + stderr);
      assert.doesNotMatch(stdout + stderr, /gone|nothing is left|no create was left/);
    }
    assert.deepEqual(lab.containers(), ["100 web-1"]);
  });
}
