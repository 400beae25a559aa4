import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { send } from "../../sim/tests/cluster.ts";
import { type Lab, type LabOptions, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const flags = ["create", "--hostname", "web-1", "--template", "debian-13"];
const json = ["--format", "json"];

/** How long a test may last that would otherwise wait for an address until the end of its time. */
const SOON = 20_000;

/** A cluster on which nothing answers DHCP for a long time. */
function slowLab(options: LabOptions = {}): Promise<Lab> {
  return startLab({ timings: { dhcpMs: 600_000 }, ...options });
}

/** Runs a create and gives its error, and how long that took. */
async function failing(lab: Lab, args: readonly string[] = flags) {
  const since = performance.now();
  const { status, stdout } = await lab.run([...args, ...json]);
  assert.ok(performance.now() - since < SOON, "it does not wait for the end of its time");
  return { status, data: JSON.parse(stdout) };
}

Deno.test("create says at once that its container stopped by itself while it waits for an address", async () => {
  await using lab = await slowLab();
  lab.simulator.inject({ name: "init-dies", ms: 100 });
  const { status, data } = await failing(lab);
  assert.equal(status, 1);
  assert.match(data.error.message, /container 100 stopped by itself/);
  assert.equal(data.kept.vmid, 100);
});

Deno.test("create of several says it of each", async () => {
  await using lab = await slowLab();
  lab.simulator.inject({ name: "init-dies", ms: 100 });
  const args = [...flags, "--hostname", "web-{n}", "--count", "2"];
  const { status, data } = await failing(lab, args);
  assert.equal(status, 1);
  for (const { error } of data.containers) assert.match(error.message, /stopped by itself/);
});

Deno.test("create --on-failure destroy removes a container that stopped by itself", async () => {
  await using lab = await slowLab();
  lab.simulator.inject({ name: "init-dies", ms: 100 });
  const { status, data } = await failing(lab, [...flags, "--on-failure", "destroy"]);
  assert.equal(status, 1);
  assert.match(data.error.message, /stopped by itself/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create goes on with a container that only reboots itself meanwhile", async () => {
  await using lab = await startLab({ timings: { dhcpMs: 1_500 } });
  const { cluster } = lab.simulator;
  const platform = lab.platform();
  const running = runCli(flags, platform);
  await until("the container", () => cluster.cts.get(100)?.status === "running");
  const ct = cluster.cts.get(100);
  assert.ok(ct);
  const { startedAt, links } = ct;
  Object.assign(ct, { status: "stopped", startedAt: undefined, links: [] });
  const looks = (): number =>
    lab.simulator.requests.filter(({ path }) => path.endsWith("/lxc/100/status/current")).length;
  const before = looks();
  // The second look is sent after the answer to the first: one at least has seen it stopped.
  await until("two looks at it", () => looks() >= before + 2);
  Object.assign(ct, { status: "running", startedAt, links });
  assert.equal(await running, 0, platform.stderr());
});

Deno.test("create says by whom its container was stopped while it waits for an address", async () => {
  await using lab = await slowLab();
  const { cluster } = lab.simulator;
  const running = failing(lab);
  await until("the container", () => cluster.cts.get(100)?.status === "running");
  const since = Math.floor(cluster.clock.now() / 1000) + 1;
  await until("the next second", () => cluster.clock.now() / 1000 > since);
  const reply = await send(lab.simulator, "POST", "/nodes/pve01/lxc/100/status/stop");
  assert.equal(reply.status, 200);
  const { data } = await running;
  assert.match(data.error.message, /container 100 was stopped by root@pam.* \(vzstop\)/);
});

Deno.test("create whose container another client destroys meanwhile keeps and touches nothing", async () => {
  await using lab = await slowLab();
  const { cluster } = lab.simulator;
  const running = failing(lab);
  await until("the container", () => cluster.cts.get(100)?.status === "running");
  cluster.cts.delete(100);
  placeCt(cluster, { vmid: 100, node: "pve01", config: { hostname: "theirs" } });
  const { status, data } = await running;
  assert.deepEqual([status, data.error.code, data.kept], [3, "NOT_FOUND", undefined]);
  assert.deepEqual(lab.containers(), ["100 theirs"]);
  assert.equal(cluster.cts.get(100)?.config["tags"], undefined);
});

for (const command of ["create", "provision"]) {
  Deno.test(`${command} says that its container stopped by itself while a step runs inside`, async () => {
    await using lab = await startLab();
    const directory = await Deno.makeTempDir();
    const file = join(directory, "web.yaml");
    await Deno.writeTextFile(
      file,
      "container: { hostname: web-1, template: debian-13 }\n" +
        "provisioning: { scripts: [{ name: a, content: touch /begun; sleep 60 }] }\n",
    );
    if (command === "provision") assert.equal((await lab.run(flags)).status, 0);
    const args = command === "create" ? ["create", file] : ["provision", "100", file];
    const running = failing(lab, args);
    const { cts } = lab.simulator.cluster;
    await until("the step", async () => await cts.get(100)?.guest?.read("/begun") !== undefined);
    const ct = cts.get(100);
    assert.ok(ct);
    await ct.guest?.stop();
    Object.assign(ct, { status: "stopped", startedAt: undefined, links: [] });
    const { status, data } = await running;
    await Deno.remove(directory, { recursive: true });
    assert.equal(status, 1);
    assert.match(data.error.message, /container 100 stopped by itself/);
  });
}

Deno.test("create with two fixed addresses has both in its result", async () => {
  await using lab = await startLab({ timings: { dadMs: 400 } });
  const net = ["--ip", "10.77.0.50/24", "--set", "container.network.ip6=fd00::50/64"];
  const { status, stdout, stderr } = await lab.run([...flags, ...net, ...json]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).addresses, ["10.77.0.50", "fd00::50"]);
});
