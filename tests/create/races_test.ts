import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { Cluster } from "../../lib/cluster/cluster.ts";
import { list } from "../../lib/cluster/guests/list.ts";
import { connect } from "../../lib/cluster/connect.ts";
import { create as createContainer } from "../../lib/operations/create/create.ts";
import { plan } from "../../lib/operations/create/prepare.ts";
import { destroy } from "../../lib/operations/destroy/destroy.ts";
import { planDestroy } from "../../lib/operations/destroy/plan_destroy.ts";
import { exec } from "../../lib/operations/exec.ts";
import { pull } from "../../lib/operations/copy/pull.ts";
import { push } from "../../lib/operations/copy/push.ts";
import { planProvision, provision } from "../../lib/operations/provision.ts";
import { parseRecipe } from "../../lib/recipe/mod.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];
const quick = { lockTimeoutMs: 20 };

function sent(lab: Lab, method: string, path: RegExp): number {
  return lab.simulator.requests.filter((one) => one.method === method && path.test(one.path))
    .length;
}

/** Somebody migrates the container to the other node. */
function move(lab: Lab): void {
  const { cts } = lab.simulator.cluster;
  const ct = cts.get(100);
  assert.ok(ct);
  cts.set(100, { ...ct, node: "pve02" });
}

/** Waits until the container is there and has not been started; its start takes a second to come. */
async function made(lab: Lab): Promise<void> {
  lab.simulator.inject({ name: "delay", path: "/status/start", ms: 1_000, times: 1 });
  const { cts, tasks } = lab.simulator.cluster;
  await until("the container", () => cts.get(100)?.config["hostname"] !== undefined);
  await Promise.all([...tasks.values()].map(({ done }) => done));
}

Deno.test("sixteen creates at once get sixteen vmids, and each makes its own container", async () => {
  await using lab = await startLab();
  const names = Array.from({ length: 16 }, (_, i) => `c${i}`);
  const runs = await Promise.all(names.map((name) => {
    const args = ["create", "--hostname", name, "--template", "debian-13", "--no-start"];
    return lab.run([...args, "--format", "json"]);
  }));
  assert.deepEqual(runs.map(({ status }) => status), names.map(() => 0), runs[0]?.stderr);
  const made = runs.map(({ stdout }) => JSON.parse(stdout)).map(({ vmid, hostname }) =>
    `${vmid} ${hostname}`
  );
  assert.deepEqual(made.toSorted(), lab.containers().toSorted());
  assert.equal(new Set(made.map((line) => line.split(" ")[0])).size, 16);
  const tags = [...lab.simulator.cluster.cts.values()].map(({ config }) => config["tags"] ?? "");
  assert.deepEqual(tags, names.map(() => ""));
});

Deno.test("create gives up after a bounded number of vmids that others were quicker with", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "vmid-taken" });
  const { status, stderr } = await lab.run(create);
  assert.equal(status, 1);
  assert.match(stderr, /already exists/);
  assert.equal(sent(lab, "POST", /\/lxc$/), 20);
  assert.ok(lab.containers().every((line) => line.endsWith(" somebody-else")));
});

Deno.test("two creates of one hostname at once are both done, and one at least is told", async () => {
  await using lab = await startLab({ timings: { createMs: 100 } });
  // Both have looked for the last time before either has made anything.
  lab.simulator.inject({ name: "delay", method: "POST", path: "/lxc", ms: 500, times: 2 });
  const runs = await Promise.all([lab.run(create), lab.run(create)]);
  assert.deepEqual(runs.map(({ status }) => status), [0, 0]);
  assert.deepEqual(lab.containers().toSorted(), ["100 web-1", "101 web-1"]);
  const told = runs.filter(({ stderr }) =>
    /! web-1 is the name of container 10[01] on pve01 too, made meanwhile/.test(stderr)
  );
  assert.ok(told.length > 0, runs[0]?.stderr);
  const third = await lab.run([...create, "--allow-duplicate"]);
  assert.match(third.stderr, /! web-1 is the name of container 100 on pve01 already/);
  assert.doesNotMatch(third.stderr, /made meanwhile/);
});

Deno.test("create and destroy wait for a configuration file that somebody holds for a moment", async () => {
  await using lab = await startLab({ timings: quick });
  const platform = lab.platform();
  const running = runCli(create, platform);
  await made(lab);
  lab.simulator.inject({ name: "busy", path: "/lxc/100", times: 2 });
  assert.equal(await running, 0, platform.stderr());
  assert.equal(sent(lab, "POST", /\/status\/start$/), 3);
  lab.simulator.inject({ name: "busy", path: "/lxc/100", times: 2 });
  const { status, stderr } = await lab.run(["destroy", "web-1", "--yes"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create ends clearly when a file stays locked, and leaves nothing once it is free", async () => {
  await using lab = await startLab({ timings: quick });
  const platform = lab.platform();
  const running = runCli(create, platform);
  await made(lab);
  lab.simulator.inject({ name: "busy", path: "/lxc/100", times: 4 });
  assert.equal(await running, 1);
  assert.match(
    platform.stderr(),
    /error: .*can't lock file .* got timeout\n[^]*hint: another task holds/,
  );
  assert.equal(sent(lab, "POST", /\/status\/start$/), 3);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create waits with taking back until a lock is gone that somebody has set", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "lock", path: "/status/start", message: "backup" });
  const platform = lab.platform();
  const running = runCli(create, platform);
  const reads = (): number => sent(lab, "GET", /\/lxc\/100\/config$/);
  await until("the taking back", () => sent(lab, "POST", /\/status\/start$/) > 0 && reads() > 2);
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  assert.equal(sent(lab, "DELETE", /\/lxc\/100$/), 0);
  delete ct.config["lock"];
  assert.equal(await running, 1);
  assert.match(platform.stderr(), /CT is locked \(backup\)/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create names a lock that stays, and says how to remove what it leaves", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "lock", path: "/status/start", message: "backup" });
  // The minute is over as soon as taking back has begun.
  let skew = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + skew };
  const platform = lab.platform();
  const running = runCli(create, { ...platform, clock });
  await until("the taking back", () => sent(lab, "GET", /\/lxc\/100\/config$/) > 1);
  skew = 40_000;
  assert.equal(await running, 1);
  assert.match(
    platform.stderr(),
    /could not remove container 100: container 100 is locked \(backup\); wait for what holds it; if nothing does: pct unlock 100 on pve0\d; pxrun destroy 100 removes it\n/,
  );
  assert.deepEqual(lab.containers(), ["100 web-1"]);
});

Deno.test("create that is interrupted leaves alone what stands in its container's place by then", async () => {
  for (const differs of ["name", "run"] as const) {
    await using lab = await startLab({ timings: { dhcpMs: 60_000 } });
    const platform = lab.platform();
    const running = runCli(create, platform);
    await until("the wait for the address", () => sent(lab, "GET", /\/interfaces$/) > 0);
    const ct = lab.simulator.cluster.cts.get(100);
    assert.ok(ct);
    // Somebody has removed it, and another create has been given its vmid.
    const { description = "" } = ct.config;
    if (differs === "name") {
      ct.config["hostname"] = "other";
      delete ct.config["description"];
    } else {
      ct.config["description"] = description.replace(/pxrun-run: \w+/, "pxrun-run: other123");
    }
    const there = lab.containers();
    platform.interrupt();
    assert.equal(await running, 130);
    assert.deepEqual(lab.containers(), there, differs);
    assert.equal(sent(lab, "DELETE", /\/lxc\/100$/), 0, differs);
  }
});

Deno.test("create that is interrupted removes its container also by another name", async () => {
  await using lab = await startLab({ timings: { dhcpMs: 60_000 } });
  const platform = lab.platform();
  const running = runCli(create, platform);
  await until("the wait for the address", () => sent(lab, "GET", /\/interfaces$/) > 0);
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.config["hostname"] = "renamed";
  platform.interrupt();
  assert.equal(await running, 130);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create of a container that somebody moves before its start removes it where it is", async () => {
  await using lab = await startLab();
  const platform = lab.platform();
  const running = runCli(create, platform);
  await made(lab);
  move(lab);
  assert.equal(await running, 1);
  assert.match(platform.stderr(), /error: container 100 has moved from pve01 to pve02\nhint: run/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create of a container that somebody moves later keeps it, marks it where it is, and says so", async () => {
  for (const when of ["waiting", "provisioning"] as const) {
    await using lab = await startLab({ timings: when === "waiting" ? { dhcpMs: 60_000 } : {} });
    const stdin = `container: { hostname: web-1, template: debian-13, node: pve01 }
provisioning:
  scripts:
    - { name: one, content: "touch /begun; until [ -e /go ]; do sleep 0.05; done" }
    - { name: two, content: "true" }
`;
    const platform = lab.platform({ stdin });
    const running = runCli(["create", "-"], platform);
    const { cts } = lab.simulator.cluster;
    if (when === "waiting") {
      await until("the wait", () => sent(lab, "GET", /\/interfaces$/) > 0);
      move(lab);
    } else {
      const guest = (): NonNullable<ReturnType<typeof cts.get>>["guest"] => cts.get(100)?.guest;
      await until("the script", async () => await guest()?.read("/begun") !== undefined);
      move(lab);
      await guest()?.write("/go", new Uint8Array(), 0o644);
    }
    assert.equal(await running, 1);
    assert.match(
      platform.stderr(),
      /web-1 \(100\) is kept: container 100 has moved from pve01 to pve02\nhint: continue: pxrun provision 100/,
    );
    assert.equal(cts.get(100)?.config["tags"], "pxrun-failed", when);
    assert.equal(cts.get(100)?.config["description"], undefined);
  }
});

/** The same cluster, on which something happens just before SSH is used. */
function beforeSsh(cluster: Cluster, happen: () => void): Cluster {
  return {
    ...cluster,
    ssh: async (node, signal) => {
      const ssh = await cluster.ssh(node, signal);
      happen();
      return ssh;
    },
  };
}

Deno.test("exec, push, pull and provision say when the container has moved while they found it", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(create)).status, 0);
  await using cluster = await connect(lab.platform());
  const moving = beforeSsh(cluster, () => move(lab));
  const home = (): void => {
    const ct = lab.simulator.cluster.cts.get(100);
    if (ct) lab.simulator.cluster.cts.set(100, { ...ct, node: "pve01" });
  };
  const recipe = parseRecipe(
    "container: { hostname: web-1, template: debian-13 }\n" +
      "provisioning: { files: [{ path: /a, content: b }] }\n",
    { file: "a.yaml", env: {} },
  );
  const said = {
    message: "container 100 has moved from pve01 to pve02",
    hint: /run the command again/,
  };
  const ways: Record<string, () => Promise<unknown>> = {
    exec: async () => await (await exec(moving, "web-1", ["true"])).ended,
    push: () => push(moving, "web-1", "x", "/b"),
    pull: () => pull(moving, "web-1", "/etc/hostname", { onChunk: () => {} }),
    provision: async () => {
      const plan = await planProvision(cluster, "web-1", recipe);
      for await (const _ of provision(moving, plan));
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    home();
    await assert.rejects(way(), said, name);
    // And the next time it is found.
    if (name === "exec") assert.equal((await lab.run(["exec", "web-1", "--", "true"])).status, 0);
  }
});

Deno.test("exec, push and pull leave alone another container of the same name that came while they connected", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(create)).status, 0);
  const connected = await connect(lab.platform());
  await using _ = connected;
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  let macs = 0;
  const cluster: Cluster = {
    ...connected,
    ssh: async (node, signal) => {
      const ssh = await connected.ssh(node, signal);
      // What was read while connecting has come by then.
      await list(connected);
      ct.config["net0"] = `name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:0${++macs},ip=dhcp`;
      return ssh;
    },
  };
  const entered = (): number =>
    lab.simulator.ssh.argvs.filter(({ argv }) => argv[0] === "lxc-attach").length;
  const before = entered();
  const ways: readonly (() => Promise<unknown>)[] = [
    async () => await (await exec(cluster, "web-1", ["true"])).ended,
    () => push(cluster, "web-1", "x", "/b"),
    () => pull(cluster, "web-1", "/etc/hostname", { onChunk: () => {} }),
  ];
  for (const way of ways) {
    await assert.rejects(way(), { name: "OtherGuest" });
  }
  assert.equal(entered(), before);
});

Deno.test("destroy that lifts a protection does not overwrite what was changed meanwhile", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(create)).status, 0);
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.config["protection"] = "1";
  await using cluster = await connect(lab.platform());
  const plan = await planDestroy(cluster, "web-1", { force: true });
  const puts = sent(lab, "PUT", /\/config$/);
  ct.config["memory"] = "4096";
  await assert.rejects(async () => {
    for await (const _ of destroy(cluster, plan));
  }, { name: "OtherGuest", code: "FAILED", hint: /run the command again/ });
  assert.equal(sent(lab, "PUT", /\/config$/), puts);
  assert.equal(ct.config["protection"], "1");
  assert.deepEqual(lab.containers(), ["100 web-1"]);
});

Deno.test("pct set is tried again when somebody holds the configuration file for a moment", async () => {
  await using lab = await startLab({ timings: quick });
  const recipe = parseRecipe(
    "container: { hostname: web-1, template: debian-13, features: { fuse: true } }",
    { file: "a.yaml", env: {} },
  );
  await using cluster = await connect(lab.platform());
  const planned = await plan(cluster, recipe, { start: false });
  let begun = false;
  const busy = (): void => {
    if (!begun) lab.simulator.inject({ name: "busy", path: "/lxc/100", times: 1 });
    begun = true;
  };
  for await (const _ of createContainer(beforeSsh(cluster, busy), planned));
  const sets = lab.simulator.ssh.argvs.filter(({ argv }) =>
    argv.slice(0, 2).join(" ") === "pct set"
  );
  assert.equal(sets.length, 2);
  assert.match(String(lab.simulator.cluster.cts.get(100)?.config["features"]), /fuse=1/);
});
