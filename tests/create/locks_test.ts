import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { placeCt } from "../../sim/mod.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const flags = ["create", "--hostname", "web-1", "--template", "debian-13"];
const message = "cfs-lock 'storage-nas' error: got lock request timeout";

/** Runs a command whose pauses are short. */
async function run(lab: Lab, args: readonly string[]) {
  const platform = lab.platform();
  const status = await runCli(args, { ...platform, clock: fastClock(20) });
  return { status, stdout: platform.stdout(), stderr: platform.stderr() };
}

const creates = ({ simulator }: Lab): number =>
  simulator.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/lxc"))
    .length;

Deno.test("create tries again when a storage was locked, and nothing was made", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "task-failure", type: "vzcreate", message, times: 2 });
  const { status, stderr } = await run(lab, flags);
  assert.equal(status, 0, stderr);
  assert.deepEqual([creates(lab), lab.containers()], [3, ["100 web-1"]]);
  assert.doesNotMatch(stderr, /remove container/);
});

Deno.test("create tries again when the lock was refused at once", async () => {
  await using lab = await startLab();
  lab.simulator.inject({
    name: "status",
    method: "POST",
    path: "/lxc",
    status: 500,
    message,
    times: 1,
  });
  const { status, stderr } = await run(lab, [...flags, "--vmid", "123"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(lab.containers(), ["123 web-1"]);
});

Deno.test("create of several survives the lock of a storage that they share", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "task-failure", type: "vzcreate", message, times: 2 });
  const several = [...flags, "--hostname", "web-{n}", "--count", "4"];
  const { status, stderr } = await run(lab, several);
  assert.equal(status, 0, stderr);
  assert.equal(lab.containers().length, 4);
});

Deno.test("create gives up on a lock that stays, names it, and leaves nothing", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "task-failure", type: "vzcreate", message });
  const { status, stdout } = await run(lab, [...flags, "--format", "json"]);
  assert.equal(status, 1);
  const { code, message: said, hint } = JSON.parse(stdout).error;
  assert.equal(code, "LOCKED");
  assert.match(said, /cfs-lock 'storage-nas'/);
  assert.match(hint, /another task holds it.*--parallel 2/);
  assert.deepEqual([creates(lab), lab.containers()], [4, []]);
});

Deno.test("create asks for no second container where one has its vmid by then", async () => {
  await using lab = await startLab({
    onArrival: (arrival) => {
      if (arrival.by !== "REST" || arrival.method !== "GET") return;
      const { cluster } = lab.simulator;
      if (!arrival.path.endsWith("/lxc/100/config") || cluster.cts.has(100)) return;
      placeCt(cluster, { vmid: 100, node: "pve01", config: { hostname: "theirs" } });
    },
  });
  lab.simulator.inject({ name: "task-failure", type: "vzcreate", message, times: 1 });
  const { status } = await run(lab, [...flags, "--node", "pve01"]);
  assert.equal(status, 1);
  assert.deepEqual([creates(lab), lab.containers()], [1, ["100 theirs"]]);
});

Deno.test("create downloads again when the storage was locked, and stops no download that has ended", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "task-failure", type: "download", message, times: 1 });
  const alpine = [...flags, "--template", "alpine-3.21"];
  const { status, stderr } = await run(lab, alpine);
  assert.equal(status, 0, stderr);
  lab.simulator.inject({ name: "task-failure", type: "download", message: "404 Not Found" });
  const failed = await run(lab, [...flags, "--hostname", "web-2", "--template", "ubuntu-22.04"]);
  assert.equal(failed.status, 1);
  assert.doesNotMatch(failed.stderr, /stop the download/);
});

const device = `container:
  hostname: web-1
  template: debian-13
  node: pve01
  devices: [{ path: /dev/fuse, group: video }]
`;

/** A cluster where the file of container 100 is locked when pct first wants it, so many times. */
async function startPctBusy(times: number): Promise<Lab> {
  let over = false;
  const lab: Lab = await startLab({
    timings: { lockTimeoutMs: 20 },
    onArrival: (arrival) => {
      const made = lab?.simulator.cluster.cts.get(100)?.config["lock"] === undefined;
      if (over || arrival.by !== "SSH" || arrival.command !== "sh -s" || !made) return;
      if (!lab.simulator.cluster.cts.has(100)) return;
      over = true;
      lab.simulator.inject({ name: "busy", path: "/lxc/100", times });
    },
  });
  return lab;
}

Deno.test("create tries again when pct could not lock the file of its container", async () => {
  for (const busy of [1, 2]) {
    await using lab = await startPctBusy(busy);
    const platform = lab.platform({ stdin: device });
    const status = await runCli(["create", "-"], { ...platform, clock: fastClock(20) });
    assert.equal(status, 0, platform.stderr());
    assert.match(lab.simulator.cluster.cts.get(100)?.config["dev0"] ?? "", /fuse,gid=/);
    assert.equal(lab.simulator.cluster.cts.get(100)?.config["lock"], undefined);
  }
});

Deno.test("create names the lock that pct mount meets, and leaves nothing once that is gone", async () => {
  await using lab = await startPctBusy(3);
  const platform = lab.platform({ stdin: device });
  const status = await runCli(["create", "-", "--format", "json"], {
    ...platform,
    clock: fastClock(20),
  });
  assert.equal(status, 1);
  const { code, message: said } = JSON.parse(platform.stdout()).error;
  assert.equal(code, "LOCKED");
  assert.match(said, /can't lock file/);
  assert.deepEqual(lab.containers(), []);
});

for (const name of ["backup", "snapshot", "migrate", "disk"]) {
  Deno.test(`create that is undone waits for the lock ${name} that comes just before the DELETE`, async () => {
    const lab: Lab = await startLab({
      onRequest: ({ method, path }) => {
        if (method === "GET" && path.endsWith("/lxc/100/config") && --looks === 0) {
          delete lab.simulator.cluster.cts.get(100)?.config["lock"];
        }
      },
    });
    await using _lab = lab;
    let looks = Infinity;
    lab.simulator.inject({ name: "task-failure", type: "vzstart", times: 1 });
    const lock = { name: "lock", method: "DELETE", path: "/lxc/100", message: name } as const;
    lab.simulator.inject({ ...lock, times: 1 });
    const platform = lab.platform();
    const running = runCli([...flags, "--node", "pve01"], { ...platform, clock: fastClock(20) });
    await until("the DELETE", () => lab.changes().some((change) => change.startsWith("DELETE")));
    looks = 3;
    assert.equal(await running, 1, platform.stderr());
    assert.doesNotMatch(platform.stderr(), /could not remove/);
    assert.deepEqual(lab.containers(), []);
  });
}
