import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { connect } from "../../lib/cluster/connect.ts";
import { create } from "../../lib/operations/create/create.ts";
import { plan } from "../../lib/operations/create/prepare.ts";
import { parseRecipe } from "../../lib/recipe/mod.ts";
import { errorText } from "../../lib/render/error.ts";
import { adviceText } from "../../lib/render/remedy.ts";
import { style } from "../../lib/render/style.ts";
import { badLink } from "../support/bad_link.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const args = ["create", "--hostname", "a", "--template", "debian-13"];

/** Begins a create on a cluster where that takes long, and waits until its task runs. */
async function creating(lab: Lab) {
  const platform = lab.platform();
  const running = runCli(args, { ...platform, clock: fastClock(20) });
  await until("the task", () => lab.simulator.cluster.tasks.size > 0);
  const [task] = lab.simulator.cluster.tasks.values();
  assert.ok(task !== undefined);
  const down = lab.simulator.inject({ name: "node-down", node: "pve01" });
  const polls = (): number => lab.simulator.requests.filter(({ status }) => status === 595).length;
  await until("a poll in vain", () => polls() > 0);
  /** What a restart does to a task. */
  const die = async (): Promise<void> => {
    task.abort.abort(new Error("the node restarts"));
    await task.done;
    task.exitstatus = "unexpected status";
  };
  return { platform, running, task, up: down, die };
}

Deno.test("create whose node restarts in the middle fails with the task, and leaves nothing", async () => {
  await using lab = await startLab({ timings: { createMs: 60_000 } });
  const { platform, running, up, die } = await creating(lab);
  await die();
  up();
  assert.equal(await running, 1);
  assert.match(platform.stderr(), /error: task vzcreate 100 on pve01 failed: unexpected status/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create whose node stays away names the task, and what may be left; wait goes on", async () => {
  await using lab = await startLab({ timings: { createMs: 60_000 } });
  const { platform, running, task, up, die } = await creating(lab);
  assert.equal(await running, 5);
  const stderr = platform.stderr();
  assert.match(stderr, /could not remove container 100: .*; pxrun destroy 100 removes it\n/);
  assert.match(
    stderr,
    /error: node pve01 does not answer: 595 .*; task vzcreate 100 on pve01 may /,
  );
  const hint = stderr.indexOf(`hint: wait for its end with pxrun wait '${task.upid}'`);
  assert.ok(hint > 0, stderr);
  await die();
  up();
  const { status, stderr: later } = await lab.run(["wait", task.upid]);
  assert.equal(status, 1);
  assert.match(later, /task vzcreate 100 on pve01 failed: unexpected status/);
});

/** Runs a create over a line that falls silent for good, and gives what it says. */
async function createUntilSilent(silent: (lab: Lab) => boolean): Promise<string> {
  await using lab = await startLab({ timings: { createMs: 60_000 } });
  await using link = await badLink(lab.simulator);
  const platform = { ...lab.platform({ env: link.env }), clock: fastClock(20) };
  const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
    file: "a.yaml",
    env: {},
  });
  let said = "";
  async function run(): Promise<void> {
    // More than a busy machine needs before the line falls silent.
    await using cluster = await connect(platform, {
      timeouts: { connect: 1_500, read: 1_500, write: 1_500 },
    });
    for await (const event of create(cluster, await plan(cluster, recipe), { recipe })) {
      if (event.type !== "warning") continue;
      said += `${adviceText({ hint: event.message, remedies: event.remedies })}\n`;
    }
  }
  const running = run();
  await Promise.race([running, until("the right moment", () => silent(lab))]);
  link.frozen = true;
  await assert.rejects(running, (error) => {
    said += errorText(error, style(false), false);
    return true;
  });
  return said;
}

Deno.test("create on a line that falls silent names the task, and what is left", async () => {
  const said = await createUntilSilent(({ simulator }) =>
    simulator.requests.some(({ path }) => /tasks.*vzcreate.*status$/.test(path))
  );
  assert.match(said, /could not remove container 100: .*; pxrun destroy 100 removes it\n/);
  assert.match(said, /task vzcreate 100 on pve01 may still run\nhint: wait .* pxrun wait 'UPID:/);
});

Deno.test("create on a line that falls silent before the reply names what may be left", async () => {
  const said = await createUntilSilent(({ simulator }) => simulator.cluster.tasks.size > 0);
  assert.match(said, /\b(pxrun wait 'UPID:|container 100 may be there anyway; pxrun list shows)/);
  assert.match(said, /pxrun destroy 100\b/);
});
