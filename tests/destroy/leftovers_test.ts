import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "../../lib/cli/app/run.ts";
import { CREATING_TAG, FAILED_TAG } from "../../lib/cluster/guests/marker.ts";
import { createGuest, placeCt } from "../../sim/mod.ts";
import { startTask } from "../../sim/cluster/state/tasks.ts";
import { alone } from "../support/alone.ts";
import { HOUR, leave } from "../support/leave.ts";
import { type Lab, type LabOptions, startLab } from "../support/simulator.ts";
import { API_KEY, startTailnet } from "../support/tailnet.ts";
import { until } from "../support/until.ts";

const main = join(import.meta.dirname ?? ".", "..", "..", "main.ts");

/** A pxrun of its own, with the recipe on its standard input. */
function spawnCreate(lab: Lab, args: readonly string[], recipe = ""): Deno.ChildProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", main, "create", ...args],
    ...alone(lab.simulator.env()),
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  // One that has been killed reads nothing any more.
  new Blob([recipe]).stream().pipeTo(child.stdin).catch(() => {});
  return child;
}

/** Everything that a create could leave: containers, and what lies on the storages. */
function contents(lab: Lab): string[] {
  const { volumes } = lab.simulator.cluster;
  return [...lab.containers(), ...volumes.map(({ volid, node }) => `${volid} ${node}`)].sort();
}

function tasksRun(lab: Lab): boolean {
  return [...lab.simulator.cluster.tasks.values()].some((task) => task.exitstatus === undefined);
}

function sent(lab: Lab, method: string, path: RegExp): boolean {
  return lab.simulator.requests.some((one) => one.method === method && path.test(one.path));
}

function configOf(lab: Lab, vmid: number): Record<string, string> {
  const ct = lab.simulator.cluster.cts.get(vmid);
  assert.ok(ct);
  return ct.config;
}

const plain = "container: { hostname: web-1, template: debian-13 }\n";

interface Moment {
  readonly name: string;
  readonly options?: LabOptions;
  readonly args?: readonly string[];
  readonly recipe?: string;
  readonly prepare?: (lab: Lab) => void;
  readonly come: (lab: Lab) => boolean | Promise<boolean>;
}

const moments: readonly Moment[] = [
  {
    name: "while the create task runs",
    options: { timings: { createMs: 500 } },
    come: (lab) => lab.simulator.cluster.cts.has(100),
  },
  {
    name: "while it starts",
    options: { timings: { startMs: 500 } },
    come: (lab) => sent(lab, "POST", /status\/start$/),
  },
  {
    name: "while it waits for its address",
    options: { timings: { dhcpMs: 60_000 } },
    come: (lab) => sent(lab, "GET", /\/interfaces$/),
  },
  {
    name: "while it is provisioned, protected",
    recipe: `container: { hostname: web-1, template: debian-13, protection: true, description: x }
provisioning: { scripts: [{ name: long, content: "touch /begun; sleep 600" }] }
`,
    come: async (lab) =>
      await lab.simulator.cluster.cts.get(100)?.guest?.read("/begun") !== undefined,
  },
  {
    name: "just before its mark goes",
    args: ["--no-start"],
    prepare: (lab) => lab.simulator.inject({ name: "delay", method: "PUT", ms: 20_000 }),
    come: (lab) => sent(lab, "GET", /\/lxc\/100\/config$/),
  },
];

for (const { name, options, args = [], recipe = plain, prepare, come } of moments) {
  Deno.test(`create killed ${name} is found by the doctor, and cleanup removes it`, async () => {
    await using lab = await startLab(options);
    const before = contents(lab);
    prepare?.(lab);
    const child = spawnCreate(lab, ["-", ...args], recipe);
    await until("the moment", () => come(lab));
    child.kill("SIGKILL");
    await child.status;
    lab.simulator.cluster.faults.splice(0);
    await until("the end of its tasks", () => !tasksRun(lab));
    const doctor = await lab.run(["doctor"]);
    assert.equal(doctor.status, 0, doctor.stdout);
    assert.match(
      doctor.stdout,
      new RegExp(
        `! leftovers 100 web-1 on pve0\\d is not finished: made by process ${child.pid} on .*, ` +
          "which has ended\n    → `pxrun cleanup` removes it\n",
      ),
    );
    const { status, stderr } = await lab.run(["cleanup", "--yes"]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /100 web-1 on pve0\d .*which has ended\n[^]*1 destroyed/);
    assert.deepEqual(contents(lab), before);
    const after = await lab.run(["doctor"]);
    assert.match(after.stdout, /✓ leftovers no create was left unfinished\n/);
  });
}

Deno.test("cleanup leaves a container alone that another pxrun is making", async () => {
  await using lab = await startLab({ timings: { dhcpMs: 60_000 } });
  const named = (name: string): string => plain.replace("web-1", name);
  const waiting = (vmid: number) => (): boolean =>
    sent(lab, "GET", new RegExp(`/lxc/${vmid}/interfaces$`));
  const killed = spawnCreate(lab, ["-"], named("killed"));
  await until("the first", waiting(100));
  const alive = spawnCreate(lab, ["-"], named("alive"));
  await until("the second", waiting(101));
  killed.kill("SIGKILL");
  await killed.status;
  const doctor = await lab.run(["doctor"]);
  assert.match(doctor.stdout, /✓ leftovers 101 alive on pve0\d .*which goes on\n/);
  const { status, stderr } = await lab.run(["cleanup", "--yes", "--all"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /1 container may still be worked on; .* pxrun destroy 101\n/);
  assert.deepEqual(lab.containers(), ["101 alive"]);
  alive.kill("SIGINT");
  assert.equal((await alive.status).code, 130);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("cleanup takes only what is over for certain, and tells why of the rest", async () => {
  await using lab = await startLab();
  const { cluster } = lab.simulator;
  const elsewhere = { pidScope: "another boot/1", host: "ci" };
  leave(lab, 100, { protects: true }, { protection: "1" });
  leave(lab, 101, { pid: Deno.pid });
  leave(lab, 102, elsewhere);
  leave(lab, 103, { ...elsewhere, since: Date.now() - 7 * HOUR });
  leave(lab, 104, { ...elsewhere, since: Date.now() - 7 * HOUR });
  leave(lab, 105, {}, { lock: "backup" });
  leave(lab, 106, {}, { description: "somebody has written this" });
  leave(lab, 107, { ...elsewhere, since: Date.now() + HOUR });
  leave(lab, 108, {}, { tags: FAILED_TAG, description: "" });
  leave(lab, 109, {}, { tags: "", description: "" });
  leave(lab, 110, { vmid: 100 });
  startTask(cluster, {
    node: "pve01",
    type: "vzdump",
    id: "104",
    who: { user: "root@pam" },
  }, (task) => task.sleep(60_000));
  const dry = await lab.run(["cleanup", "--dry-run"]);
  assert.equal(dry.status, 0, dry.stderr);
  const line = (vmid: number): string =>
    dry.stdout.split("\n").find((text) => text.startsWith(`${vmid} c${vmid} on pve01  `)) ?? "";
  assert.match(line(100), /made by process 4194305 on .*, since .* UTC, which has ended$/);
  assert.match(line(101), /which goes on$/);
  assert.match(line(102), /process 4194305 on ci, since .*, which may go on$/);
  assert.match(line(103), /which is too long ago for it to go on$/);
  assert.match(line(104), /; the task vzdump works on it$/);
  assert.match(line(105), /; it is locked \(backup\)$/);
  assert.match(line(106), /made by a run that it does not name$/);
  assert.match(line(107), /which may go on$/);
  assert.match(line(110), /a copy of 100, which was not finished then$/);
  assert.match(dry.stdout, /provisioning failed: 108 c108; `pxrun destroy --all-failed` removes/);
  assert.doesNotMatch(dry.stdout, /109/);
  const json = await lab.run(["cleanup", "--yes", "--format", "json"]);
  assert.equal(json.status, 0, json.stderr);
  const { removed } = JSON.parse(json.stdout);
  const vmids = removed.containers.map(({ vmid }: { vmid: number }) => vmid);
  assert.deepEqual(vmids.toSorted(), [100, 103]);
  // Also from backup jobs, which somebody may have set up meanwhile.
  const deletes = lab.simulator.requests.filter(({ method }) => method === "DELETE");
  assert.deepEqual(deletes.map(({ params }) => params["purge"]), ["1", "1"]);
  assert.deepEqual(
    lab.containers(),
    [101, 102, 104, 105, 106, 107, 108, 109, 110].map((vmid) => `${vmid} c${vmid}`),
  );
});

Deno.test("cleanup asks, and does not take another container for the one that it asked about", async () => {
  await using lab = await startLab();
  leave(lab, 100, {});
  const refused = await lab.run(["cleanup"]);
  assert.equal(refused.status, 2, refused.stderr);
  const no = await lab.run(["cleanup"], { answers: ["n"] });
  assert.equal(no.status, 1);
  assert.match(no.stderr, /Remove 1 container\? \[y\/N\] cancelled\n$/);
  // The same name, the same vmid, another run: between the question and the answer.
  const asked = Promise.withResolvers<string | undefined>();
  const platform = lab.platform({ answers: [] });
  const running = runCli(["cleanup"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => asked.promise },
  });
  await until("the question", () => platform.stderr().includes("[y/N]"));
  leave(lab, 100, { id: "other", pid: Deno.pid });
  asked.resolve("y");
  assert.equal(await running, 1, platform.stderr());
  assert.match(platform.stderr(), /container 100 was changed in the meantime/);
  assert.deepEqual(lab.containers(), ["100 c100"]);
});

Deno.test("destroy of a protected container looks at its run again, and warns of one", async () => {
  await using lab = await startLab();
  leave(lab, 100, {}, { protection: "1" });
  const asked = Promise.withResolvers<string | undefined>();
  const platform = lab.platform({ answers: [] });
  const running = runCli(["destroy", "100", "--force"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => asked.promise },
  });
  await until("the question", () => platform.stderr().includes("[y/N]"));
  assert.match(
    platform.stderr(),
    /! its create was not finished: process 4194305 on .* may be at it/,
  );
  // Just after the protection was lifted.
  const config = configOf(lab, 100);
  lab.simulator.inject({ name: "delay", method: "GET", path: "/lxc/100/config", ms: 1_000 });
  asked.resolve("y");
  await until("the lifted protection", () => config["protection"] !== "1");
  config["description"] = (config["description"] ?? "").replace("run100", "other");
  assert.equal(await running, 1, platform.stderr());
  assert.deepEqual(lab.containers(), ["100 c100"]);
});

Deno.test("cleanup finds by the description alone where the tag is refused, and with rights in a pool", async () => {
  for (const how of ["policy", "pool"] as const) {
    await using lab = await startLab();
    const { cluster, tokens } = lab.simulator;
    const token = tokens[how === "pool" ? "pool@pve!ci" : "pxrun@pve!laptop"];
    const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
    if (how === "policy") cluster.options = { ...cluster.options, userAllowTags: "none" };
    leave(lab, 100, {}, { tags: "" });
    leave(lab, 101, {}, { tags: "", description: "not pxrun's" });
    for (const ct of cluster.cts.values()) ct.pool = "dev";
    const doctor = await lab.run(["doctor"], { env });
    assert.match(doctor.stdout, /! leftovers 100 c100/, how);
    const { status, stderr } = await lab.run(["cleanup", "--yes"], { env });
    assert.equal(status, 0, stderr);
    assert.deepEqual(lab.containers(), ["101 c101"]);
  }
});

Deno.test("cleanup takes out of the tailnet what a container was bound to, and nothing for its name or tag", async () => {
  await using tailnet = startTailnet();
  await using lab = await startLab();
  const env = { TAILSCALE_API_KEY: API_KEY };
  const add = (nodeId: string, hostname: string, tags: readonly string[]): void => {
    const name = `${hostname}.example.ts.net`;
    tailnet.devices.push({ nodeId, hostname, name, nodeKey: "nodekey:1", addresses: [], tags });
  };
  // The one may be somebody's laptop; the other has the tag that pxrun's containers have.
  add("nLAPTOP", "c100", []);
  add("nTAGGED", "c101", ["tag:container"]);
  add("nBOUND", "other", []);
  leave(lab, 100, {});
  leave(lab, 101, {});
  leave(lab, 102, {}, { rootfs: "local-lvm:vm-102-disk-0,size=8G" });
  const { config } = lab.simulator.cluster.cts.get(102) ?? assert.fail();
  config["description"] += "\npxrun-tailnet: nBOUND of 102 on local-lvm:vm-102-disk-0\n";
  const { status, stderr } = await lab.run(["cleanup", "--yes"], { env, fetch: tailnet.fetch });
  assert.equal(status, 0, stderr);
  assert.deepEqual(lab.containers(), []);
  assert.deepEqual(tailnet.devices.map(({ nodeId }) => nodeId), ["nLAPTOP", "nTAGGED"]);
  assert.match(stderr, /c101\.example\.ts\.net stays in the tailnet: .*\/admin\/machines/);
});

Deno.test("doctor and cleanup tell of a container whose node does not answer, and go on", async () => {
  await using lab = await startLab();
  leave(lab, 100, {});
  leave(lab, 101, {});
  lab.simulator.inject({ name: "status", path: "/lxc/100/config", status: 595 });
  const doctor = await lab.run(["doctor"]);
  assert.match(doctor.stdout, /! leftovers 100 c100 .*it cannot be looked at: .*595/);
  const dry = await lab.run(["cleanup", "--dry-run", "--format", "json"]);
  assert.equal(dry.status, 1);
  assert.match(dry.stdout, /"state":\s*"unseen"/);
  const { status, stderr } = await lab.run(["cleanup", "--yes"]);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /error: not everything could be inspected: containers 100\n/);
  assert.doesNotMatch(stderr, /destroy 100/);
  assert.deepEqual(lab.containers(), ["100 c100"]);
});

Deno.test("cleanup does not say that nothing is left while a node is away, or cannot be found by its name", async () => {
  const lookup = {
    name: "status",
    path: "/nodes/pve02/",
    status: 500,
    message: "hostname lookup 'pve02' failed - failed to get address info for: pve02",
  } as const;
  for (const fault of [{ name: "node-down", node: "pve02" }, lookup] as const) {
    await using lab = await startLab({ timings: { resourcesEveryMs: 0 } });
    leave(lab, 100, {}, {}, "pve02");
    lab.simulator.inject(fault);
    const { status, stderr } = await lab.run(["cleanup", "--yes"]);
    assert.equal(status, 1, stderr);
    assert.doesNotMatch(stderr, /no leftovers/);
    assert.match(stderr, /error: not everything could be inspected/);
    const doctor = await lab.run(["doctor"]);
    assert.doesNotMatch(doctor.stdout, /no create was left unfinished\n/, fault.name);
    assert.deepEqual(lab.containers(), ["100 c100"]);
  }
});

Deno.test("doctor and cleanup name a stub that a create has left, and no container that is being made", async () => {
  await using lab = await startLab({ timings: { createMs: 60_000 } });
  const { cluster } = lab.simulator;
  placeCt(cluster, { vmid: 100, node: "pve01" }).config = { lock: "create" };
  const child = spawnCreate(lab, ["-", "--vmid", "101"], plain);
  await until("the create", () => cluster.cts.has(101));
  const doctor = await lab.run(["doctor"]);
  assert.match(
    doctor.stdout,
    /! leftovers 100 \S+ on pve01 .*locked \(create\)\n {4}→ on pve01, as root: pct unlock 100 && pct destroy 100\n/,
  );
  assert.doesNotMatch(doctor.stdout, /leftovers 101/);
  const { status, stderr } = await lab.run(["cleanup", "--yes"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /→ on pve01, as root: pct unlock 100 && pct destroy 100\n/);
  assert.doesNotMatch(stderr, /no leftovers|pxrun destroy 100/);
  assert.equal(cluster.cts.size, 2);
  child.kill("SIGKILL");
  await child.status;
});

Deno.test("provision takes the mark of a run that was killed away", async () => {
  await using lab = await startLab();
  const recipe = `${plain}provisioning: { files: [{ path: /a, content: b }] }\n`;
  assert.equal((await lab.run(["create", "-"], { stdin: recipe })).status, 0);
  const config = configOf(lab, 100);
  config["tags"] = `${CREATING_TAG};dev`;
  const { status, stderr } = await lab.run(["provision", "web-1", "-"], { stdin: recipe });
  assert.equal(status, 0, stderr);
  assert.equal(lab.simulator.cluster.cts.get(100)?.config["tags"], "dev");
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  Deno.test(`create leaves neither key nor disk nor half a template on ${signal}`, async () => {
    await using tailnet = startTailnet();
    await using lab = await startLab({
      timings: { downloadMs: 60_000, dhcpMs: 60_000 },
      makeGuest: (template, around) =>
        createGuest(template, { ...around, joinTailnet: (join) => tailnet.join(join) }),
    });
    const before = contents(lab);
    const stop = async (template: string, when: () => boolean): Promise<void> => {
      const stdin = `container: { hostname: web-1, template: ${template} }\n` +
        "provisioning: { tailscale: true }\n";
      const env = { TAILSCALE_API_KEY: API_KEY };
      const platform = lab.platform({ stdin, env, fetch: tailnet.fetch });
      const running = runCli(["create", "-"], platform);
      await Promise.race([running, until("the moment", when)]);
      platform.interrupt(signal);
      assert.equal(await running, 130, platform.stderr());
      assert.deepEqual(contents(lab), before);
      assert.ok(!tasksRun(lab));
      assert.deepEqual([...tailnet.keys.keys()], []);
    };
    await stop("alpine-3.21", () => sent(lab, "POST", /\/aplinfo$/));
    await stop("debian-13", () => sent(lab, "GET", /\/interfaces$/));
    assert.equal(tailnet.made.length, 1);
  });
}
