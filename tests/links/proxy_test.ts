import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { fastClock } from "../support/fast_clock.ts";
import { reverseProxy } from "../support/reverse_proxy.ts";
import { startLab } from "../support/simulator.ts";

const create = ["create", "--hostname", "a", "--template", "debian-13"];
const destroy = ["destroy", "a", "--yes"];

Deno.test("create and destroy work behind a reverse proxy that buffers", async () => {
  await using lab = await startLab();
  await using proxy = await reverseProxy(lab.simulator);
  for (const [args, left] of [[create, ["100 a"]], [destroy, []]] as const) {
    const { status, stderr } = await lab.run(args, { env: proxy.env });
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), left);
  }
});

Deno.test("what a reverse proxy gave up waiting for is found in the list of tasks", async () => {
  await using lab = await startLab();
  await using proxy = await reverseProxy(lab.simulator, { givesUp: (method) => method !== "GET" });
  for (const args of [create, destroy]) {
    const { status, stderr } = await lab.run(args, { env: proxy.env });
    assert.equal(status, 0, stderr);
  }
  assert.deepEqual(lab.changes(), [
    "POST /nodes/pve01/lxc",
    "POST /nodes/pve01/lxc/100/status/start",
    "PUT /nodes/pve01/lxc/100/config",
    "DELETE /nodes/pve01/lxc/100",
  ]);
});

for (const status of [502, 503, 504, 595, 596]) {
  Deno.test(`create survives a ${status} to what it reads, and says so of what it changes`, async () => {
    const reads = ["/nodes", "/status", "/interfaces", "/cluster/nextid"];
    for (const path of reads) {
      await using lab = await startLab();
      lab.simulator.inject({ name: "status", method: "GET", path, status, times: 1 });
      const ran = await lab.run(create);
      assert.equal(ran.status, 0, `${path}: ${ran.stderr}`);
    }
    for (const path of ["/nodes/pve01/lxc", "/status/start"]) {
      await using lab = await startLab();
      lab.simulator.inject({ name: "status", method: "POST", path, status });
      const platform = lab.platform();
      assert.equal(
        await runCli(create, { ...platform, clock: fastClock(20) }),
        5,
        platform.stderr(),
      );
      assert.match(platform.stderr(), new RegExp(`error: node pve01 does not answer: ${status} `));
      assert.deepEqual(lab.containers(), []);
      const sent = lab.changes().filter((line) => line.startsWith("POST") && line.endsWith(path));
      assert.equal(sent.length, 1, "it was sent once");
    }
  });
}
