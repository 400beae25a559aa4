import assert from "node:assert/strict";
import { connect } from "../../lib/cluster/connect.ts";
import { createEvents } from "../../lib/operations/create/create.ts";
import type { Event } from "../../lib/run/event.ts";
import { plan } from "../../lib/operations/create/prepare.ts";
import { planProvision, provisionEvents } from "../../lib/operations/provision.ts";
import { parseRecipe } from "../../lib/recipe/read/parse.ts";
import type { Cluster } from "../../lib/cluster/cluster.ts";
import { type Arrival, OTHERS_NOTE, replaceCt } from "../../sim/mod.ts";
import { type Lab, startLab } from "../support/simulator.ts";

const recipe = parseRecipe(
  `container: { hostname: web-1, template: debian-13, node: pve01 }
provisioning:
  files: [{ path: /root/one, content: one }]
  scripts: [{ content: touch /root/two }, { content: touch /root/three }]
`,
  { file: "web.yaml", env: {} },
);

/** What runs in a container that is there, or that is made. */
const VERBS: Readonly<Record<string, (cluster: Cluster) => Promise<AsyncGenerator<Event>>>> = {
  create: async (cluster) => createEvents(cluster, await plan(cluster, recipe), { recipe }),
  provision: async (cluster) => {
    const bare = { ...recipe, provisioning: { ...recipe.provisioning, files: [], scripts: [] } };
    for await (const _ of createEvents(cluster, await plan(cluster, bare), { recipe: bare }));
    return provisionEvents(cluster, await planProvision(cluster, "web-1", recipe));
  },
};

/** How often something was run in a container. */
function entered({ simulator }: Lab): number {
  return simulator.ssh.argvs.filter(({ argv }) => argv[0] === "lxc-attach")
    .length;
}

function assertUntouched(lab: Lab, hostname: string): void {
  const { config, status } = lab.simulator.cluster.cts.get(100) ?? {};
  assert.deepEqual(
    [config?.["hostname"], config?.["description"], config?.["tags"], status],
    [hostname, OTHERS_NOTE, undefined, "running"],
  );
}

for (const [verb, begin] of Object.entries(VERBS)) {
  for (const hostname of ["prod-database", "web-1"]) {
    for (const moment of [0, 1]) {
      Deno.test(`${verb} runs no step in ${hostname} that got the vmid after ${moment + 1} of 3 steps`, async () => {
        await using lab = await startLab();
        await using cluster = await connect(lab.platform());
        const done: string[] = [];
        let before = 0;
        const running = async (): Promise<void> => {
          for await (const event of await begin(cluster)) {
            const inside = event.type === "step-done" && /files|scripts/.test(event.step);
            if (!inside || done.push(event.step) !== moment + 1) continue;
            replaceCt(lab.simulator.cluster, 100, hostname);
            before = entered(lab);
          }
        };
        await assert.rejects(running, /container 100 was destroyed by another client/);
        assert.ok(before > 0);
        assert.equal(entered(lab), before);
        assert.equal(done.length, moment + 1);
        assertUntouched(lab, hostname);
      });
    }

    Deno.test(`${verb} that connects again does not go on in ${hostname} that got the vmid meanwhile`, async () => {
      let [drops, entries, before] = [0, 0, 0];
      let arrived = (_: Arrival): void => {};
      await using lab = await startLab({ onArrival: (arrival) => arrived(arrival) });
      await using cluster = await connect(lab.platform());
      const events = await begin(cluster);
      arrived = (arrival) => {
        if (arrival.by !== "SSH") return;
        if (arrival.command?.includes("lxc-attach") && ++entries === 3) {
          drops++;
          lab.simulator.ssh.inject({ name: "drop-exec" });
        }
        if (arrival.command !== undefined || drops !== 1) return;
        drops++;
        replaceCt(lab.simulator.cluster, 100, hostname);
        before = entered(lab);
      };
      await assert.rejects(async () => {
        for await (const _ of events);
      }, /container 100 was destroyed by another client/);
      assert.equal(drops, 2);
      assert.equal(entered(lab), before);
      assertUntouched(lab, hostname);
    });
  }
}
