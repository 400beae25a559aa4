import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { connect } from "../../lib/cluster/connect.ts";
import { create } from "../../lib/operations/create/create.ts";
import { plan } from "../../lib/operations/create/prepare.ts";
import { flagOverrides, recipeFromOverrides } from "../../lib/recipe/mod.ts";
import { placeCt } from "../../sim/mod.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const flags = ["--hostname", "web-1", "--template", "debian-13"];

/** Runs a create, presses Ctrl-C once the condition holds, and gives what is left. */
async function interruptWhen(
  lab: Lab,
  condition: () => boolean,
  args: readonly string[] = [],
): Promise<{ status: number; stderr: string }> {
  const platform = lab.platform();
  const running = runCli(["create", ...flags, ...args], platform);
  await until("the moment for Ctrl-C", condition);
  platform.interrupt();
  return { status: await running, stderr: platform.stderr() };
}

Deno.test("Ctrl-C while the create task runs cancels it and leaves nothing", async () => {
  await using lab = await startLab({ timings: { createMs: 5_000 } });
  const { cts } = lab.simulator.cluster;
  const { status, stderr } = await interruptWhen(lab, () => cts.has(100));
  assert.equal(status, 130, stderr);
  assert.deepEqual(lab.containers(), []);
  assert.ok(
    lab.simulator.requests.some(({ method, path }) =>
      method === "DELETE" && path.includes("/tasks/")
    ),
  );
});

Deno.test("Ctrl-C while the create task runs asks again when its end was asked for in vain", async () => {
  await using lab = await startLab({ timings: { createMs: 600_000 } });
  const creating = (): boolean => lab.simulator.cluster.cts.has(100);
  lab.simulator.inject({ name: "drop", method: "DELETE", path: "/tasks/", times: 2 });
  const { status, stderr } = await interruptWhen(lab, creating);
  assert.equal(status, 130, stderr);
  assert.doesNotMatch(stderr, /could not/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("Ctrl-C says what to type where a create task was killed and has cleaned up nothing", async () => {
  let killed = false;
  await using lab = await startLab({
    timings: { createMs: 600_000 },
    onArrival: (arrival) => {
      const { cluster } = lab.simulator;
      const looks = arrival.by === "REST" && arrival.path.endsWith("/lxc/100/config");
      if (!killed || !looks || cluster.cts.has(100)) return;
      const config = { hostname: "web-1", lock: "create" };
      placeCt(cluster, { vmid: 100, node: "pve01", status: "stopped", config });
    },
  });
  const platform = lab.platform();
  const args = ["create", ...flags, "--node", "pve01"];
  // The half minute that it has is a second.
  const running = runCli(args, { ...platform, clock: fastClock(30) });
  await until("the create task", () => lab.simulator.cluster.cts.has(100));
  killed = true;
  platform.interrupt();
  assert.equal(await running, 130);
  assert.match(
    platform.stderr(),
    /! could not remove container 100: .*; its task was killed: on pve01, pct unlock 100 && pct destroy 100; pxrun destroy 100 removes it\n/,
  );
});

Deno.test("Ctrl-C just when the create task has ended by itself leaves nothing", async () => {
  await using lab = await startLab();
  const { tasks } = lab.simulator.cluster;
  lab.simulator.inject({ name: "delay", method: "GET", path: "/tasks/", ms: 500 });
  const ended = (): boolean => [...tasks.values()].some(({ exitstatus }) => exitstatus === "OK");
  const { status, stderr } = await interruptWhen(lab, ended, ["--no-start"]);
  assert.equal(status, 130, stderr);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("Ctrl-C while the container starts leaves nothing", async () => {
  // Longer than anybody waits for the lock that a start holds.
  await using lab = await startLab({ timings: { startMs: 600_000 } });
  const started = (): boolean =>
    lab.simulator.requests.some(({ path }) => path.endsWith("/status/start"));
  const { status, stderr } = await interruptWhen(lab, started);
  assert.equal(status, 130, stderr);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("Ctrl-C while waiting for an address leaves nothing", async () => {
  await using lab = await startLab({ timings: { dhcpMs: 60_000 } });
  const waiting = (): boolean =>
    lab.simulator.requests.some(({ path }) => path.endsWith("/interfaces"));
  const { status, stderr } = await interruptWhen(lab, waiting);
  assert.equal(status, 130, stderr);
  assert.match(stderr, /✓ remove container 100/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("Ctrl-C leaves nothing of a container that its recipe protects", async () => {
  await using lab = await startLab({ timings: { dhcpMs: 60_000 } });
  const waiting = (): boolean =>
    lab.simulator.requests.some(({ path }) => path.endsWith("/interfaces"));
  const args = ["--set", "container.protection=true"];
  const { status, stderr } = await interruptWhen(lab, waiting, args);
  assert.equal(status, 130, stderr);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("Ctrl-C during a template download cancels it", async () => {
  await using lab = await startLab({ timings: { downloadMs: 10_000 } });
  const downloading = (): boolean =>
    lab.simulator.requests.some(({ method, path }) =>
      method === "POST" && path.endsWith("/aplinfo")
    );
  const args = ["--template", "alpine-3.21"];
  const { status } = await interruptWhen(lab, downloading, args);
  assert.equal(status, 130);
  const tasks = [...lab.simulator.cluster.tasks.values()];
  assert.deepEqual(tasks.map(({ type, exitstatus }) => [type, exitstatus]), [
    ["download", "received interrupt"],
  ]);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("Ctrl-C before anything was made leaves nothing and exits 130", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "delay", path: "/aplinfo", ms: 60_000 });
  const asking = (): boolean => lab.simulator.requests.length > 0;
  const { status } = await interruptWhen(lab, asking);
  assert.equal(status, 130);
  assert.deepEqual(lab.changes(), []);
});

Deno.test("Ctrl-C with a token of a pool knows that what is gone has left the pool", async () => {
  await using lab = await startLab({ timings: { createMs: 5_000 } });
  const token = lab.simulator.tokens["pool@pve!ci"];
  const platform = lab.platform({
    env: { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret },
  });
  const running = runCli(["create", ...flags, "--pool", "dev", "--allow-duplicate"], platform);
  await until("the create task", () => lab.simulator.cluster.cts.has(100));
  platform.interrupt();
  assert.equal(await running, 130);
  assert.match(platform.stderr(), /✓ remove container 100/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create leaves nothing when nobody listens any more, even in the middle of taking back", async () => {
  await using lab = await startLab();
  const platform = lab.platform();
  await using cluster = await connect(platform);
  const recipe = recipeFromOverrides(
    flagOverrides({ hostname: "web-1", template: "debian-13" }),
    { env: {} },
  );
  for (const stopAt of ["start", "undo"]) {
    if (stopAt === "undo") lab.simulator.inject({ name: "task-failure", type: "vzstart" });
    for await (const event of create(cluster, await plan(cluster, recipe))) {
      if (event.type === "step-started" && event.step === stopAt) break;
    }
    assert.deepEqual(lab.containers(), [], stopAt);
  }
});

Deno.test("Ctrl-C while SSH is being opened ends at once with 130", async () => {
  await using lab = await startLab();
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = (silent.addr as Deno.NetAddr).port;
  const accepted = silent.accept();
  const platform = lab.platform({
    env: { PXRUN_SSH_NODES: `pve01=127.0.0.1:${port},pve02=127.0.0.1:${port}` },
    stdin: "container: { hostname: a, template: debian-13 }\nprovisioning: { packages: [git] }\n",
  });
  const running = runCli(["create", "-"], platform);
  const connection = await accepted;
  platform.interrupt();
  assert.equal(await running, 130, platform.stderr());
  connection.close();
  silent.close();
});

Deno.test("Ctrl-C at a plain prompt ends at once with 130", async () => {
  await using lab = await startLab();
  const platform = lab.platform({ answers: [] });
  const running = runCli(["create"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => new Promise(() => {}) },
  });
  await until("the question", () => platform.stderr().includes("Hostname"));
  platform.interrupt();
  assert.equal(await running, 130);
});

Deno.test("create leaves at once on a second Ctrl-C, and says what is left and how to remove it", async () => {
  await using lab = await startLab({
    timings: { createMs: 200, startMs: 60_000, destroyMs: 60_000 },
  });
  const platform = lab.platform();
  const running = runCli(["create", ...flags], platform);
  const sent = (method: string, path: RegExp): boolean =>
    lab.simulator.requests.some((one) => one.method === method && path.test(one.path));
  await until("the start", () => sent("POST", /start$/));
  platform.interrupt();
  await until("the cancel", () => sent("DELETE", /tasks/));
  const begun = Date.now();
  platform.interrupt();
  assert.equal(await running, 130, platform.stderr());
  assert.ok(Date.now() - begun < 10_000);
  assert.match(
    platform.stderr(),
    /SIGINT: leaving without cleaning up[^]*could not remove container 100; pxrun destroy 100 removes it/,
  );
  assert.deepEqual(lab.containers(), ["100 web-1"]);
});
