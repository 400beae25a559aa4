import assert from "node:assert/strict";
import { runLanes } from "../../lib/core/lanes.ts";
import { runCli } from "../../lib/cli/run.ts";
import { badLink, type Mishap } from "../support/bad_link.ts";
import { fastClock } from "../support/fast_clock.ts";
import { startLab } from "../support/simulator.ts";

const recipe = `container: { hostname: a, template: debian-13 }
provisioning: { packages: [git] }
`;

/** How many creates run side by side. */
const LANES = 6;

/** One create over a line on which something happens; gives how many pieces have passed. */
async function create(mishap: Mishap): Promise<Record<Mishap["from"], number>> {
  await using lab = await startLab();
  const { service } = mishap;
  await using link = await badLink(lab.simulator, { mishap });
  const world = lab.world({ stdin: recipe, env: link.env });
  // What is waited for in vain need not take its time here.
  const args = service === "SSH" ? ["create", "-"] : ["create", "-", "--no-provision"];
  const status = await runCli(args, { ...world, clock: fastClock(10) });
  const { cluster, requests } = lab.simulator;
  const stderr = world.stderr();
  const about = `${JSON.stringify(mishap)}: exit ${status}\n${stderr}`;
  const ct = cluster.cts.get(100);
  if (status === 0) {
    assert.deepEqual(lab.containers(), ["100 a"], about);
    assert.equal(ct?.status, "running", about);
  } else {
    assert.match(stderr, /^error: /m, about);
    // What is left is named together with what removes it.
    if (ct !== undefined) assert.match(stderr, /pxrun destroy 100\b/, about);
  }
  assert.doesNotMatch(stderr, /\bbug\b/, about);
  assert.ok([...cluster.tasks.values()].every((task) => task.exitstatus !== undefined), about);
  for (const path of ["/nodes/pve01/lxc", "/nodes/pve01/lxc/100/status/start"]) {
    const sent = requests.filter((one) => one.method === "POST" && one.path === path);
    assert.ok(sent.length <= 1, `${path} ${sent.length} times: ${about}`);
  }
  return { client: link.pieces(service, "client"), server: link.pieces(service, "server") };
}

for (const service of ["API", "SSH"] as const) {
  for (const from of ["client", "server"] as const) {
    Deno.test({
      name: `create ends well or in a clear error wherever the ${service} is cut, from the ${from}`,
      // ssh2 leaves a cipher to the garbage collector when a packet arrives in part.
      sanitizeResources: service === "API",
      async fn() {
        const passed = await create({ what: "cut", service, from, at: Infinity });
        const lanes = Array.from({ length: passed[from] }, (_, index) => ({
          key: service,
          async *run() {
            await create({ what: "cut", service, from, at: index + 1 });
            yield index;
          },
        }));
        let done = 0;
        for await (const _ of runLanes(lanes, { all: LANES, perKey: LANES })) done++;
        assert.ok(done > 5);
      },
    });
  }
}
