import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { systemClock } from "../../lib/host/clock.ts";
import type { Arrival } from "../../sim/mod.ts";
import { startTask } from "../../sim/cluster/state/tasks.ts";
import { parseAuthId } from "../../sim/cluster/state/who.ts";
import { fastClock } from "../support/fast_clock.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";

const head = "container:\n  hostname: web-1\n  template: debian-13\n  node: pve01\n";
const flags = ["--hostname", "web-1", "--template", "debian-13"];

/** From here on no request and no reply gets through. */
function cut({ simulator }: Lab): void {
  simulator.inject({ name: "drop" });
}

Deno.test("create finds its download when the reply is lost, and starts no second one", async () => {
  await using lab = await startLab({
    onRequest: ({ method, path }) => {
      if (method !== "POST" || !path.endsWith("/aplinfo")) return;
      // Another download of the same login, and another's of the same file, begin as well.
      const { cluster, token } = lab.simulator;
      const [node = ""] = path.split("/").slice(2);
      const file = cluster.appliances.find(({ template }) => template.startsWith("alpine-3.21"));
      const id = file?.template ?? "";
      for (
        const theirs of [
          { who: parseAuthId(token.id), id: "other" },
          { who: parseAuthId("root@pam!other"), id },
        ]
      ) {
        startTask(cluster, { node, type: "download", ...theirs }, () => {
          throw new Error("another's");
        });
      }
    },
  });
  lab.simulator.inject({ name: "drop-reply", method: "POST", path: "/aplinfo", times: 1 });
  const args = ["create", "--hostname", "a", "--template", "alpine-3.21"];
  const { status, stderr } = await lab.run(args);
  assert.equal(status, 0, stderr);
  assert.equal(lab.changes().filter((line) => line.endsWith("/aplinfo")).length, 1);
});

Deno.test("create that loses its connection tells how to be rid of what may be there", async () => {
  const late: (() => void)[] = [];
  await using lab = await startLab({
    onRequest: ({ method, path }) => {
      if (method === "POST" && path.endsWith("/lxc")) late.forEach((act) => act());
    },
  });
  lab.simulator.inject({ name: "drop-reply", method: "POST", path: "/lxc", times: 1 });
  late.push(() => cut(lab));
  const { status, stderr } = await lab.run(["create", ...flags]);
  assert.equal(status, 5, stderr);
  assert.match(stderr, /no reply .* to POST .*\/lxc: .*\nhint: .*pxrun destroy 100 removes it/);
});

Deno.test("create whose call is lost does not take an older task for its own", async () => {
  let skew = -3_600_000;
  const clock = { ...systemClock, now: () => systemClock.now() + skew };
  await using lab = await startLab({ clock });
  assert.equal((await lab.run(["create", ...flags, "--node", "pve01"])).status, 0);
  assert.equal((await lab.run(["destroy", "web-1", "--yes"])).status, 0);
  skew = 0;
  lab.simulator.inject({ name: "drop", method: "POST", path: "/lxc", times: 1 });
  const platform = { ...lab.platform(), clock: fastClock(30) };
  assert.equal(await runCli(["create", ...flags, "--node", "pve01"], platform), 5);
  assert.match(platform.stderr(), /no reply from .* to POST .*\/nodes\/pve01\/lxc: /);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create takes back by a new SSH connection what it did by one that was lost", async () => {
  const lost: string[] = [];
  let drop = (_: Arrival): void => {};
  await using lab = await startLab({ onArrival: (arrival) => drop(arrival) });
  const { ssh, cluster } = lab.simulator;
  const recipe = `${head}  mount_points: [{ host: /srv/new/deep, container: /data }]\n`;
  for (const struck of [/^mkdir /, /^sh -s/]) {
    lost.length = 0;
    drop = (arrival) => {
      const { command = "" } = arrival.by === "SSH" ? arrival : {};
      // The first shell looks at the directory before anything is done.
      const made = cluster.nodes.get("pve01")?.pathExists("/srv/new") ||
        command.startsWith("mkdir");
      if (!made || lost.length > 0 || !struck.test(command)) return;
      lost.push(command);
      ssh.inject({ name: "drop-exec" });
    };
    const args = ["create", "-", "--make-directories"];
    const { status, stderr } = await lab.run(args, { stdin: recipe });
    assert.equal(status, 5, stderr);
    assert.equal(lost.length, 1);
    assert.match(stderr, /✓ remove \/srv\/new\/deep/);
    assert.doesNotMatch(stderr, /could not/);
    assert.equal(cluster.nodes.get("pve01")?.pathExists("/srv/new"), false);
    assert.deepEqual(lab.containers(), []);
  }
});

Deno.test("destroy that loses sight of its task says that it goes on, and as what", async () => {
  await using lab = await startLab({ timings: { destroyMs: 60_000 } });
  assert.equal((await lab.run(["create", ...flags])).status, 0);
  const [tasks, before] = [lab.simulator.cluster.tasks, lab.simulator.cluster.tasks.size];
  const platform = { ...lab.platform(), clock: fastClock(30) };
  const running = runCli(["destroy", "web-1", "--yes"], platform);
  await until("the destroy task", () => tasks.size > before);
  cut(lab);
  assert.equal(await running, 5, platform.stderr());
  const upid = [...tasks.keys()].at(-1) ?? "";
  assert.ok(platform.stderr().includes(`the destroy of 100 goes on as ${upid}`), platform.stderr());
});

Deno.test("create and provision connect again when the connection is lost inside a container", async () => {
  let drop = (_: Arrival): void => {};
  await using lab = await startLab({ onArrival: (arrival) => drop(arrival) });
  const recipe = `${head}provisioning:
  files: [{ path: /etc/app.conf, content: here }]
  scripts: [{ content: echo ran >>/root/log }]
`;
  /** Loses the connection at every third command in the container. */
  const losing = (): string[] => {
    const seen: string[] = [];
    let next = 0;
    drop = (arrival) => {
      const { command = "" } = arrival.by === "SSH" ? arrival : {};
      if (!command.includes("lxc-attach") || next++ % 3 > 0) return;
      seen.push(command);
      lab.simulator.ssh.inject({ name: "drop-exec" });
    };
    return seen;
  };
  const read = async (path: string): Promise<string> => {
    const bytes = await lab.simulator.cluster.cts.get(100)?.guest?.read(path);
    return new TextDecoder().decode(bytes);
  };
  const lost = losing();
  const made = await lab.run(["create", "-"], { stdin: recipe });
  assert.equal(made.status, 0, made.stderr);
  assert.ok(lost.length >= 2, lost.join("\n"));
  assert.match(made.stderr, /! the SSH connection to .* was lost before .*; connecting again, /);
  assert.deepEqual([await read("/etc/app.conf"), await read("/root/log")], ["here", "ran\n"]);
  const lostLater = losing();
  const again = await lab.run(["provision", "web-1", "-"], { stdin: recipe });
  assert.equal(again.status, 0, again.stderr);
  assert.ok(lostLater.length >= 1);
  assert.equal(await read("/root/log"), "ran\nran\n");
});

Deno.test("create looks at its node again when the connection is lost meanwhile", async () => {
  const seen: string[] = [];
  await using lab = await startLab({
    onArrival: (arrival) => {
      const { command } = arrival.by === "SSH" ? arrival : {};
      if (command !== "sh -s" || seen.push(command) > 1) return;
      lab.simulator.ssh.inject({ name: "drop-exec" });
    },
  });
  const stdin = `${head}  mount_points: [{ host: /srv, container: /data }]\n`;
  const { status, stderr } = await lab.run(["create", "-", "--dry-run"], { stdin });
  assert.equal(status, 0, stderr);
  assert.deepEqual(seen, ["sh -s", "sh -s"]);
});

Deno.test("create --on-failure destroy does not speak of provisioning what it has removed", async () => {
  let lost = 0;
  await using lab = await startLab({
    onArrival(arrival) {
      const { command = "" } = arrival.by === "SSH" ? arrival : {};
      if (!command.includes("lxc-attach")) return;
      lost++;
      lab.simulator.ssh.inject({ name: "drop-exec" });
    },
  });
  const recipe = `${head}provisioning: { scripts: [{ content: echo ran }] }\n`;
  const platform = { ...lab.platform({ stdin: recipe }), clock: fastClock(30) };
  assert.equal(await runCli(["create", "-", "--on-failure", "destroy"], platform), 5);
  assert.ok(lost > 1);
  assert.match(platform.stderr(), /connection was lost while[^]*hint: fix the cause and create it/);
  assert.deepEqual(lab.containers(), []);
});
