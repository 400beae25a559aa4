import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

/** A running container called web-1, and others that are asked for. */
async function withContainers(lab: Lab, ...names: string[]): Promise<void> {
  for (const name of names) {
    const args = ["create", "--allow-duplicate", "--hostname", name, "--template", "debian-13"];
    const { status, stderr } = await lab.run(args);
    assert.equal(status, 0, stderr);
  }
}

Deno.test("destroy removes a running container by its hostname", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1", "db-1");
  const { status, stdout, stderr } = await lab.run([
    "destroy",
    "web-1",
    "--yes",
    "--format",
    "json",
  ]);
  assert.equal(status, 0, stderr);
  const { destroyed } = JSON.parse(stdout);
  assert.deepEqual(
    destroyed.map((one: { vmid: number; hostname: string }) => [one.vmid, one.hostname]),
    [
      [100, "web-1"],
    ],
  );
  assert.deepEqual(lab.containers(), ["101 db-1"]);
});

Deno.test("destroy removes several, each once, and looks at all before it touches any", async () => {
  await using lab = await startLab();
  await withContainers(lab, "a", "b");
  const missing = await lab.run(["destroy", "a", "nosuch", "--yes"]);
  assert.equal(missing.status, 3);
  assert.equal(lab.containers().length, 2);
  const { status } = await lab.run(["destroy", "a", "b", "a", "101", "--yes"]);
  assert.equal(status, 0);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("destroy without a terminal needs --yes", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const { status, stderr } = await lab.run(["destroy", "web-1"]);
  assert.equal(status, 2);
  assert.match(stderr, /add --yes/);
  assert.equal(lab.containers().length, 1);
});

Deno.test("destroy asks on a terminal, and Enter means no", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const no = await lab.run(["destroy", "web-1"], { answers: [""] });
  assert.equal(no.status, 1);
  assert.match(
    no.stderr,
    /container 100 web-1 on \w+, running[\s\S]*\[y\/N\][\s\S]*cancelled\n$/,
  );
  assert.equal(lab.containers().length, 1);
  const yes = await lab.run(["destroy", "100"], { answers: ["y"] });
  assert.equal(yes.status, 0);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("destroy --dry-run only prints what it would do", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const { status, stdout } = await lab.run(["destroy", "web-1", "--dry-run"]);
  assert.equal(status, 0);
  assert.match(stdout, /DELETE \/nodes\/pve0\d\/lxc\/100 force=1/);
  assert.equal(lab.containers().length, 1);
});

Deno.test("destroy refuses a protected container, unless it is forced", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.config["protection"] = "1";
  const refused = await lab.run(["destroy", "web-1", "--yes"]);
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /container 100 is protected\nhint: --force lifts the protection first\n/,
  );
  const forced = await lab.run(["destroy", "web-1", "--yes", "--force"]);
  assert.equal(forced.status, 0, forced.stderr);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("destroy leaves a replicated container as it is, and says how it goes, unless it is purged", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const { cluster } = lab.simulator;
  cluster.replicated.set(100, "pve02");
  Object.assign(cluster.cts.get(100)?.config ?? {}, { protection: "1" });
  const refused = await lab.run(["destroy", "web-1", "--yes", "--force"]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /replication job '100-0' .*\nhint: --purge removes it there, too/);
  assert.equal(cluster.cts.get(100)?.config["protection"], "1");
  const { status, stderr } = await lab.run(["destroy", "web-1", "--yes", "--force", "--purge"]);
  assert.equal(status, 0, stderr);
  assert.equal(cluster.replicated.size, 0);
});

Deno.test("destroy refuses a container that high availability would start again, unless it is purged", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const { managed } = lab.simulator.cluster;
  managed.add(100);
  const refused = await lab.run(["destroy", "web-1", "--yes"]);
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /managed by high availability\nhint: --purge removes it there, too\n/,
  );
  assert.deepEqual(lab.containers(), ["100 web-1"]);
  assert.ok(lab.changes().every((line) => !line.startsWith("DELETE")));
  const { status, stderr } = await lab.run(["destroy", "web-1", "--yes", "--purge"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual([lab.containers(), [...managed]], [[], []]);
});

Deno.test("destroy names the lock of a locked container and leaves it alone", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.config["lock"] = "backup";
  const { status, stderr } = await lab.run(["destroy", "web-1", "--yes"]);
  assert.equal(status, 1);
  assert.match(stderr, /container 100 is locked \(backup\)\n\s+→ .*pct unlock 100/);
});

Deno.test("destroy says of all that are refused why, at once, and leaves the others alone, too", async () => {
  await using lab = await startLab();
  await withContainers(lab, "a", "b", "c");
  const set = (vmid: number, key: string, value: string): void => {
    const ct = lab.simulator.cluster.cts.get(vmid);
    assert.ok(ct);
    ct.config[key] = value;
  };
  set(100, "protection", "1");
  set(101, "lock", "backup");
  const { status, stderr } = await lab.run(["destroy", "a", "b", "c", "--yes"]);
  assert.equal(status, 1);
  assert.match(stderr, /cannot destroy a:\n.*protected[^]*cannot destroy b:\n.*locked/);
  assert.equal(lab.containers().length, 3);
});

Deno.test("destroy asks which one is meant when several have the name", async () => {
  await using lab = await startLab();
  await withContainers(lab, "twin", "twin");
  const { status, stderr } = await lab.run(["destroy", "twin", "--yes"]);
  assert.equal(status, 2);
  assert.match(stderr, /2 containers are called twin: 100 on \w+, 101 on \w+/);
});

Deno.test("destroy takes all digits for a vmid, never for a hostname", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.config["hostname"] = "101";
  const { status, stderr } = await lab.run(["destroy", "101", "--yes"]);
  assert.equal(status, 3, stderr);
  assert.deepEqual(lab.containers(), ["100 101"]);
});

Deno.test("destroy finds a new container by name before the cluster's list knows it", async () => {
  await using lab = await startLab({ timings: { resourcesEveryMs: 60_000 } });
  await withContainers(lab, "fresh");
  const { status, stderr } = await lab.run(["destroy", "fresh", "--yes"]);
  assert.equal(status, 0, stderr);
});

Deno.test("destroy refuses a virtual machine by name", async () => {
  await using lab = await startLab();
  lab.simulator.cluster.vms.set(900, { vmid: 900, node: "pve01", name: "win", status: "running" });
  for (const name of ["win", "900"]) {
    const { status, stderr } = await lab.run(["destroy", name, "--yes"]);
    assert.equal(status, 3);
    assert.match(stderr, /900 \(win\) is a virtual machine/);
  }
});

Deno.test("destroy suggests the nearest name", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const { stderr } = await lab.run(["destroy", "wbe-1", "--yes"]);
  assert.match(stderr, /container wbe-1 not found.*\nhint: did you mean web-1\?/);
});

Deno.test("Ctrl-C during a destroy leaves it to its node and says so", async () => {
  await using lab = await startLab({ timings: { destroyMs: 400 } });
  await withContainers(lab, "web-1");
  const platform = lab.platform();
  const running = runCli(["destroy", "web-1", "--yes"], platform);
  await until("the DELETE", () => lab.simulator.requests.some((r) => r.method === "DELETE"));
  platform.interrupt();
  assert.equal(await running, 130);
  assert.match(platform.stderr(), /the destroy of 100 goes on as UPID:.*vzdestroy:100/);
  assert.match(platform.stderr(), /hint: wait for its end with pxrun wait '?UPID:/);
  await until("the end of the destroy", () => lab.containers().length === 0);
});

Deno.test("Ctrl-C during a destroy of several marks them as interrupted, not as failed", async () => {
  await using lab = await startLab({ timings: { destroyMs: 400 } });
  await withContainers(lab, "a", "b");
  const platform = lab.platform();
  const running = runCli(["destroy", "a", "b", "--yes"], platform);
  const deletes = () => lab.simulator.requests.filter(({ method }) => method === "DELETE").length;
  await until("the DELETEs", () => deletes() === 2);
  platform.interrupt();
  assert.equal(await running, 130);
  assert.match(platform.stderr(), /^! a {2}interrupted: the destroy of 100 goes on/m);
  await until("the end of the destroy", () => lab.containers().length === 0);
});

Deno.test("destroy leaves a container alone that was changed after it was looked at", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  const platform = lab.platform({ answers: [] });
  const asked = Promise.withResolvers<string | undefined>();
  const running = runCli(["destroy", "100"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => asked.promise },
  });
  await until("the question", () => platform.stderr().includes("[y/N]"));
  ct.config["hostname"] = "somebody-else";
  asked.resolve("y");
  assert.equal(await running, 1);
  assert.match(
    platform.stderr(),
    /container 100 was changed in the meantime: it is somebody-else now/,
  );
  assert.equal(lab.containers().length, 1);
});

Deno.test("destroy of several goes on after a failure and says what is gone", async () => {
  await using lab = await startLab();
  await withContainers(lab, "a", "b");
  lab.simulator.inject({ name: "task-failure", type: "vzdestroy", message: "no luck", times: 1 });
  const args = ["destroy", "a", "b", "--yes", "--format", "json"];
  const { status, stdout, stderr } = await lab.run(args);
  assert.equal(status, 1);
  assert.match(stderr, /✗ a {2}.*no luck[^]*1 destroyed, 1 failed[^]*1 of 2 did not succeed: a\n/);
  const { error, containers: [failed, destroyed] } = JSON.parse(stdout);
  assert.equal(error.code, "TASK_FAILED");
  assert.deepEqual([failed.error.code, destroyed.vmid], ["TASK_FAILED", 101]);
  assert.deepEqual(lab.containers(), ["100 a"]);
});

Deno.test("destroy --force protects the container again when it could not be removed", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.config["protection"] = "1";
  lab.simulator.inject({ name: "task-failure", type: "vzdestroy" });
  const { status } = await lab.run(["destroy", "web-1", "--yes", "--force"]);
  assert.equal(status, 1);
  assert.equal(ct.config["protection"], "1");
});

Deno.test("destroy --force that cannot protect the container again says what to type", async () => {
  await using lab = await startLab();
  await withContainers(lab, "web-1");
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.config["protection"] = "1";
  const platform = lab.platform();
  lab.simulator.inject({ name: "task-failure", type: "vzdestroy" });
  const running = runCli(["destroy", "web-1", "--yes", "--force"], platform);
  await until("the lifting", () => ct.config["protection"] !== "1");
  lab.simulator.inject({ name: "lock", method: "PUT", message: "backup" });
  assert.equal(await running, 1);
  assert.match(
    platform.stderr(),
    /! could not protect container 100 again: CT is locked .*; later: on pve0\d: pct set 100 --protection 1\n/,
  );
});

Deno.test("destroy does not take a container that has moved for one that is gone", async () => {
  await using lab = await startLab({ timings: { resourcesEveryMs: 0 } });
  await withContainers(lab, "web-1");
  const { cts } = lab.simulator.cluster;
  const ct = cts.get(100);
  assert.ok(ct);
  const elsewhere = ct.node === "pve01" ? "pve02" : "pve01";
  const asked = Promise.withResolvers<string | undefined>();
  const platform = lab.platform({ answers: [] });
  const running = runCli(["destroy", "100"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => asked.promise },
  });
  await until("the question", () => platform.stderr().includes("[y/N]"));
  cts.set(100, { ...ct, node: elsewhere });
  asked.resolve("y");
  assert.equal(await running, 1);
  assert.match(
    platform.stderr(),
    new RegExp(`container 100 has moved from ${ct.node} to ${elsewhere}`),
  );
  assert.equal(lab.containers().length, 1);
});

Deno.test("destroy of a container that is gone already is no failure, also for a token of a pool", async () => {
  await using lab = await startLab({ timings: { resourcesEveryMs: 0 } });
  const token = lab.simulator.tokens["pool@pve!ci"];
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const flags = ["--hostname", "a", "--template", "debian-13", "--pool", "dev"];
  assert.equal((await lab.run(["create", ...flags, "--allow-duplicate"], { env })).status, 0);
  const asked = Promise.withResolvers<string | undefined>();
  const platform = lab.platform({ answers: [], env });
  const running = runCli(["destroy", "100"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => asked.promise },
  });
  await until("the question", () => platform.stderr().includes("[y/N]"));
  assert.equal((await lab.run(["destroy", "100", "--yes"])).status, 0);
  asked.resolve("y");
  assert.equal(await running, 0, platform.stderr());
  assert.match(platform.stderr(), /container 100 was destroyed already/);
});

Deno.test("destroy does not take a virtual machine that has its vmid by now for a container that moved", async () => {
  await using lab = await startLab({ timings: { resourcesEveryMs: 0 } });
  await withContainers(lab, "web-1");
  const asked = Promise.withResolvers<string | undefined>();
  const platform = lab.platform({ answers: [] });
  const running = runCli(["destroy", "100"], {
    ...platform,
    terminal: { ...platform.terminal, readLine: () => asked.promise },
  });
  await until("the question", () => platform.stderr().includes("[y/N]"));
  const { cts, vms } = lab.simulator.cluster;
  const elsewhere = cts.get(100)?.node === "pve01" ? "pve02" : "pve01";
  assert.equal((await lab.run(["destroy", "100", "--yes"])).status, 0);
  vms.set(100, { vmid: 100, node: elsewhere, name: "vm", status: "running" });
  asked.resolve("y");
  assert.equal(await running, 0, platform.stderr());
  assert.match(platform.stderr(), /container 100 was destroyed already/);
  assert.ok(vms.has(100));
});

Deno.test("destroy --tag, --status and --all-failed remove all that have it in common", async () => {
  await using lab = await startLab({ timings: { resourcesEveryMs: 0 } });
  await withContainers(lab, "a", "b", "c", "d");
  const set = (vmid: number, tags: string): void => {
    const ct = lab.simulator.cluster.cts.get(vmid);
    assert.ok(ct);
    ct.config["tags"] = tags;
  };
  set(100, "ci;web");
  set(101, "ci");
  set(102, "ci;pxrun-failed;web");
  const failed = await lab.run(["destroy", "--all-failed", "--yes"]);
  assert.equal(failed.status, 0, failed.stderr);
  assert.match(failed.stderr, /c destroyed/);
  const args = ["destroy", "--tag", "ci", "--yes", "--format", "json"];
  const { status, stdout, stderr } = await lab.run(args);
  assert.equal(status, 0, stderr);
  const vmids = JSON.parse(stdout).destroyed.map((one: { vmid: number }) => one.vmid);
  assert.deepEqual(vmids.toSorted(), [100, 101]);
  assert.match(stderr, /✓ a {2}destroyed\n/);
  assert.deepEqual(lab.containers(), ["103 d"]);
  const none = await lab.run(["destroy", "--tag", "ci", "--status", "running", "--yes"]);
  assert.equal(none.status, 3);
  assert.match(none.stderr, /no container with the tag ci and the status running/);
  // As of a variable in a script that is not set.
  const empty = await lab.run(["destroy", "", "--yes"]);
  assert.equal(empty.status, 2);
  assert.match(empty.stderr, /name of a container is empty/);
});

Deno.test("destroy wants either names or what they have in common", async () => {
  await using lab = await startLab();
  for (
    const [args, problem] of [
      [[], /nothing says which containers are meant\n/],
      [["web-1", "--tag", "ci"], /both named and selected by what they have in common\n/],
    ] as const
  ) {
    const { status, stderr } = await lab.run(["destroy", "--yes", ...args]);
    assert.equal(status, 2);
    assert.match(stderr, problem);
    assert.match(stderr, /hint: either name them .*--tag, --node, --status/);
  }
});
