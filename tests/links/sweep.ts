import assert from "node:assert/strict";
import { connect } from "../../lib/cluster/connect.ts";
import { runLanes } from "../../lib/core/concurrency.ts";
import type { Timeouts } from "../../lib/core/limits.ts";
import { create } from "../../lib/operations/create/create.ts";
import { plan } from "../../lib/operations/create/prepare.ts";
import { parseRecipe } from "../../lib/recipe/mod.ts";
import { errorText } from "../../lib/render/error.ts";
import { adviceText } from "../../lib/render/remedy.ts";
import { style } from "../../lib/render/style.ts";
import { badLink, type Mishap } from "../support/bad_link.ts";
import { fastClock } from "../support/fast_clock.ts";
import { startLab } from "../support/simulator.ts";

const recipe = parseRecipe(
  "container: { hostname: a, template: debian-13 }\nprovisioning: { packages: [git] }\n",
  { file: "a.yaml", env: {} },
);

/** What is waited for in vain need not take its time in a test. */
export const impatient: Timeouts = {
  connect: 1_500,
  read: 1_500,
  write: 1_500,
  ssh: 2_000,
  shell: 20_000,
};

/** How many creates run side by side: those that wait leave the machine to the others. */
const LANES = { cut: 6, freeze: 20 };

/** How many pieces of data passed in a create, from either side. */
type Passed = Record<Mishap["from"], number>;

/**
 * One create over a line on which something happens. It is to end well, or in an error that
 * names what is left; and nothing is to have been sent twice.
 */
export async function createWith(mishap: Mishap): Promise<Passed> {
  await using lab = await startLab();
  const { service } = mishap;
  await using link = await badLink(lab.simulator, { mishap });
  const platform = { ...lab.platform({ env: link.env }), clock: fastClock(10) };
  // Where nothing happens only a busy machine could be given up.
  const timeouts = Number.isFinite(mishap.at) ? impatient : undefined;
  let said = "";
  try {
    await using cluster = await connect(platform, { timeouts });
    const planned = await plan(cluster, recipe, { provision: service === "SSH" });
    for await (const event of create(cluster, planned, { recipe })) {
      if (event.type !== "warning") continue;
      said += `${adviceText({ hint: event.message, remedies: event.remedies })}\n`;
    }
  } catch (error) {
    said += errorText(error, style(false), false);
  }
  const { cluster, requests } = lab.simulator;
  const about = `${JSON.stringify(mishap)}\n${said}`;
  assert.doesNotMatch(said, /\bbug\b/, about);
  const ct = cluster.cts.get(100);
  if (!/^error: /m.test(said)) {
    assert.deepEqual(lab.containers(), ["100 a"], about);
    assert.equal(ct?.status, "running", about);
  } else if (ct !== undefined) assert.match(said, /pxrun destroy 100\b/, about);
  // One that was given up may still run.
  await Promise.all([...cluster.tasks.values()].map(({ done }) => done));
  for (const path of ["/nodes/pve01/lxc", "/nodes/pve01/lxc/100/status/start"]) {
    const sent = requests.filter((one) => one.method === "POST" && one.path === path);
    assert.ok(sent.length <= 1, `${path} ${sent.length} times: ${about}`);
  }
  return { client: link.pieces(service, "client"), server: link.pieces(service, "server") };
}

/** One create for each piece of data that passes in a create, with which it happens. */
export function sweep(what: Mishap["what"]): void {
  for (const service of ["API", "SSH"] as const) {
    for (const from of ["client", "server"] as const) {
      Deno.test({
        name: `create ends well or in a clear error at every ${what} of the ${service}, ` +
          `from the ${from}`,
        // ssh2 leaves a cipher to the garbage collector when a packet arrives in part.
        sanitizeResources: service === "API",
        async fn() {
          const passed = await createWith({ what, service, from, at: Infinity });
          const lanes = Array.from({ length: passed[from] }, (_, index) => ({
            key: service,
            async *run() {
              await createWith({ what, service, from, at: index + 1 });
              yield index;
            },
          }));
          const all = LANES[what];
          let done = 0;
          for await (const _ of runLanes(lanes, { all, perKey: all })) done++;
          assert.ok(done > 5);
        },
      });
    }
  }
}
