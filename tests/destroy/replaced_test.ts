import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { replaceCt } from "../../sim/mod.ts";
import { type Lab, type LabOptions, startLab } from "../support/simulator.ts";
import { fastClock } from "../support/fast_clock.ts";
import { until } from "../support/until.ts";

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];
const quick = { lockTimeoutMs: 20 };

/** What the guest is called that somebody else puts there: like any other, or like ours. */
const NAMES = ["prod-database", "web-1"] as const;

function sent(lab: Lab, method: string, path: RegExp): number {
  return lab.simulator.requests.filter((one) => one.method === method && path.test(one.path))
    .length;
}

function configOf({ simulator }: Lab, vmid = 100): Record<string, string> {
  const ct = simulator.cluster.cts.get(vmid);
  assert.ok(ct);
  return ct.config;
}

/** A running container called web-1, with whatever else its configuration has. */
async function withContainer(lab: Lab, config: Record<string, string> = {}): Promise<void> {
  const { status, stderr } = await lab.run(create);
  assert.equal(status, 0, stderr);
  Object.assign(configOf(lab), config);
}

/** Whether somebody else's guest is as it was when it came, and nothing was run inside. */
function assertUntouched({ simulator }: Lab, hostname: string, vmid = 100): void {
  const ct = simulator.cluster.cts.get(vmid);
  assert.ok(ct, "it is there");
  const { description, tags, protection, lock, rootfs = "" } = ct.config;
  assert.deepEqual(
    { hostname: ct.config["hostname"], status: ct.status, description, tags, protection, lock },
    {
      hostname,
      status: "running",
      description: "not made by pxrun\n",
      tags: undefined,
      protection: undefined,
      lock: undefined,
    },
  );
  assert.ok(simulator.cluster.volumes.some(({ volid }) => rootfs.startsWith(volid)), "its disk");
}

/** Lets something happen once, as soon as a request is carried out. */
class Hook {
  #next: { method: string; path: RegExp; act: () => void } | undefined;
  readonly options: LabOptions = {
    onRequest: ({ method, path }) => {
      const next = this.#next;
      if (next === undefined || next.method !== method || !next.path.test(path)) return;
      this.#next = undefined;
      next.act();
    },
  };
  after(method: string, path: RegExp, act: () => void): void {
    this.#next = { method, path, act };
  }
}

/** The arguments with a recipe on standard input, whose script fails. */
const failing = `container: { hostname: web-1, template: debian-13, node: pve01 }
provisioning: { scripts: [{ name: one, content: exit 3 }] }
`;
const CONFIG = /\/lxc\/100\/config$/;
const DELETE = /\/lxc\/100$/;

for (const hostname of NAMES) {
  const named = hostname === "web-1" ? "another web-1" : "another guest";
  const whileBusy = {
    name: "replaced-while-busy",
    path: "/lxc/100",
    message: hostname,
    times: 1,
  } as const;

  Deno.test(`destroy leaves ${named} alone that got the vmid while the DELETE waited for a lock`, async () => {
    await using lab = await startLab({ timings: quick });
    await withContainer(lab);
    lab.simulator.inject(whileBusy);
    const { status, stderr } = await lab.run(["destroy", "web-1", "--yes"]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /container 100 was changed in the meantime: it is \S+ now\nhint: /);
    assert.equal(sent(lab, "DELETE", DELETE), 1);
    assertUntouched(lab, hostname);
  });

  Deno.test(`destroy --force leaves ${named} alone that came after the protection was lifted`, async () => {
    const hook = new Hook();
    await using lab = await startLab(hook.options);
    await withContainer(lab, { protection: "1" });
    hook.after("PUT", CONFIG, () => replaceCt(lab.simulator.cluster, 100, hostname));
    const { status, stderr } = await lab.run(["destroy", "100", "--yes", "--force"]);
    assert.equal(status, 1, stderr);
    assert.equal(sent(lab, "DELETE", DELETE), 0);
    assertUntouched(lab, hostname);
  });

  Deno.test(`destroy --force lifts no protection of ${named} that came before it began`, async () => {
    await using lab = await startLab();
    await withContainer(lab, { protection: "1" });
    const puts = sent(lab, "PUT", CONFIG);
    const asked = Promise.withResolvers<string | undefined>();
    const platform = lab.platform({ answers: [] });
    const running = runCli(["destroy", "100", "--force"], {
      ...platform,
      terminal: { ...platform.terminal, readLine: () => asked.promise },
    });
    await until("the question", () => platform.stderr().includes("[y/N]"));
    replaceCt(lab.simulator.cluster, 100, hostname);
    asked.resolve("y");
    assert.equal(await running, 1, platform.stderr());
    assert.equal(sent(lab, "PUT", CONFIG), puts);
    assertUntouched(lab, hostname);
  });

  Deno.test(`create whose start fails leaves ${named} alone that got the vmid while its undo waited`, async () => {
    await using lab = await startLab({ timings: quick });
    lab.simulator.inject({ name: "task-failure", type: "vzstart", times: 1 });
    const platform = lab.platform();
    const running = runCli(create, platform);
    await until("the start", () => sent(lab, "POST", /status\/start$/) > 0);
    lab.simulator.inject(whileBusy);
    assert.equal(await running, 1, platform.stderr());
    assert.match(
      platform.stderr(),
      /! the container made as 100 is not there any more: .*left alone/,
    );
    assert.doesNotMatch(platform.stderr(), /pxrun destroy 100/);
    assert.equal(sent(lab, "DELETE", DELETE), 1);
    assertUntouched(lab, hostname);
  });

  Deno.test(`create starts neither ${named} that came after its own was made, nor removes it`, async () => {
    await using lab = await startLab();
    lab.simulator.inject({
      name: "replaced",
      path: "/lxc/100/config",
      message: hostname,
      times: 1,
    });
    const { status, stderr } = await lab.run(create);
    assert.equal(status, 1, stderr);
    assert.deepEqual(lab.changes(), ["POST /nodes/pve01/lxc"]);
    assertUntouched(lab, hostname);
  });

  Deno.test(`create sets no option of ${named} that came after its own was made`, async () => {
    await using lab = await startLab();
    lab.simulator.inject({
      name: "replaced",
      path: "/lxc/100/config",
      message: hostname,
      times: 1,
    });
    const stdin = "container: { hostname: web-1, template: debian-13, features: { fuse: true }, " +
      "devices: [{ path: /dev/net/tun, group: render }] }";
    const { status, stderr } = await lab.run(["create", "-"], { stdin });
    assert.equal(status, 1, stderr);
    const pct = lab.simulator.ssh.argvs.filter(({ argv }) => argv[0] === "pct");
    assert.deepEqual(pct, []);
    assertUntouched(lab, hostname);
  });

  Deno.test(`create does not provision ${named} that came while it waited for the address`, async () => {
    const hook = new Hook();
    await using lab = await startLab({ ...hook.options, timings: { dhcpMs: 300 } });
    hook.after("GET", /\/interfaces$/, () => replaceCt(lab.simulator.cluster, 100, hostname));
    const { status, stderr } = await lab.run(["create", "-"], { stdin: failing });
    assert.equal(status, 3, stderr);
    assert.doesNotMatch(stderr, /is kept/);
    const inside = lab.simulator.ssh.argvs.filter(({ argv }) => argv[0] === "lxc-attach");
    // The shell for the first step waits for its script already, and is never given one.
    assert.ok(inside.every(({ argv }) => !argv.includes("-c")), JSON.stringify(inside));
    assert.equal(sent(lab, "PUT", CONFIG), 0);
    assertUntouched(lab, hostname);
  });

  Deno.test(`create marks ${named} neither as failed nor as done, and does not say that it is made`, async () => {
    for (const stdin of [failing, failing.replace("exit 3", "exit 0")]) {
      await using lab = await startLab();
      lab.simulator.inject({ name: "replaced", method: "PUT", message: hostname, times: 1 });
      const { status, stderr } = await lab.run(["create", "-"], { stdin });
      assert.equal(status, 1, stderr);
      assert.match(stderr, /error: container 100 was changed in the meantime/);
      assert.doesNotMatch(stderr, /is kept/);
      assertUntouched(lab, hostname);
    }
  });

  Deno.test(`provision neither enters nor unmarks ${named} that came after it was planned`, async () => {
    const recipe = failing.replace("exit 3", "exit 0");
    for (const moment of ["before", "after"] as const) {
      const hook = new Hook();
      await using lab = await startLab(hook.options);
      await withContainer(lab, { tags: "pxrun-failed" });
      const before = lab.changes().length;
      const replace = (): void => replaceCt(lab.simulator.cluster, 100, hostname);
      if (moment === "before") {
        hook.after("GET", /\/lxc\/100\/status\/current$/, replace);
      } else {
        const fault = { name: "replaced", method: "PUT", message: hostname, times: 1 } as const;
        lab.simulator.inject(fault);
      }
      const { status, stderr } = await lab.run(["provision", "web-1", "-"], { stdin: recipe });
      assert.ok(status === 1 || status === 3, stderr);
      if (moment === "before") {
        assert.deepEqual(lab.changes().slice(before), []);
        assert.ok(lab.simulator.ssh.argvs.every(({ argv }) => argv[0] !== "lxc-attach"));
      }
      assertUntouched(lab, hostname);
    }
  });

  Deno.test(`cleanup leaves ${named} alone that got the vmid while the DELETE waited for a lock`, async () => {
    await using lab = await startLab({ timings: quick });
    const { self } = lab.platform();
    const since = new Date().toISOString();
    const run = `pxrun-run: ab12cd34 of 100 on ${self.host} pid 4194305 since ${since}`;
    const scope = self.pidScope === undefined ? "" : ` (${self.pidScope})`;
    await withContainer(lab, { tags: "pxrun-creating", description: `${run}${scope}\n` });
    lab.simulator.inject(whileBusy);
    const { status, stderr } = await lab.run(["cleanup", "--yes"]);
    assert.equal(status, 1, stderr);
    assert.equal(sent(lab, "DELETE", DELETE), 1);
    assertUntouched(lab, hostname);
  });
}

Deno.test("exec, push and pull enter no other web-1 that got the vmid after it was looked at", async () => {
  for (
    const args of [
      ["exec", "web-1", "--", "true"],
      ["exec", "--tag", "dev", "--", "true"],
      ["push", "web-1", "deno.json", "/root/x"],
      ["pull", "web-1", "/etc/hostname", "-"],
    ]
  ) {
    let armed = false;
    const entered = (): number =>
      lab.simulator.ssh.argvs.filter(({ argv }) => argv[0] === "lxc-attach").length;
    await using lab = await startLab({
      onArrival: (arrival) => {
        if (!armed || arrival.by !== "SSH" || !arrival.command?.includes("lxc-attach")) return;
        armed = false;
        replaceCt(lab.simulator.cluster, 100, "web-1");
      },
    });
    await withContainer(lab, { tags: "dev" });
    armed = true;
    const { status, stderr } = await lab.run(args);
    assert.notEqual(status, 0, stderr);
    assert.match(stderr, /container 100 was changed in the meantime: it is web-1 now\n/);
    assert.ok(!armed);
    assert.equal(entered(), 0, args[0]);
    assertUntouched(lab, "web-1");
  }
});

Deno.test("exec does not enter a container whose hardware address was changed after it was looked at", async () => {
  let arrived = (): void => {};
  await using lab = await startLab({
    onArrival: (arrival) => arrival.by === "SSH" && arrival.command !== undefined && arrived(),
  });
  await withContainer(lab);
  arrived = () => {
    const config = configOf(lab);
    config["net0"] = (config["net0"] ?? "").replace(/hwaddr=[^,]+/, "hwaddr=02:00:00:00:00:01");
  };
  const { status, stderr } = await lab.run(["exec", "web-1", "--", "true"]);
  assert.equal(status, 125, stderr);
  arrived = () => {};
  assert.equal((await lab.run(["exec", "web-1", "--", "true"])).status, 0);
});

Deno.test("destroy by name leaves another guest alone that got the vmid before the plan was made", async () => {
  const hook = new Hook();
  await using lab = await startLab(hook.options);
  await withContainer(lab);
  hook.after("GET", /^\/nodes\/pve01\/lxc$/, () => replaceCt(lab.simulator.cluster, 100));
  const { status, stderr } = await lab.run(["destroy", "web-1", "--yes"]);
  assert.ok(status === 1 || status === 3, stderr);
  assert.equal(sent(lab, "DELETE", DELETE), 0);
  assertUntouched(lab, "somebody-else");
});

Deno.test("create stops no download and removes no container whose task has failed by itself", async () => {
  for (const type of ["download", "vzcreate"]) {
    await using lab = await startLab();
    lab.simulator.inject({ name: "task-failure", type });
    const template = type === "download" ? "alpine-3.21" : "debian-13";
    const args = ["create", "--hostname", "web-1", "--template", template, "--node", "pve01"];
    const { status, stdout } = await lab.run([...args, "--events"]);
    assert.equal(status, 1, stdout);
    assert.doesNotMatch(stdout, /"step":"undo"/);
    assert.deepEqual(lab.containers(), []);
  }
});

Deno.test("destroy refuses a container of which anything was changed after it was planned", async () => {
  for (
    const change of [
      { memory: "4096" },
      { net0: "name=eth0,bridge=vmbr0,ip=dhcp" },
      {
        rootfs: "local-lvm:vm-100-disk-7,size=10G",
      },
      { description: "mine" },
      { hostname: "prod" },
    ]
  ) {
    await using lab = await startLab();
    await withContainer(lab);
    const asked = Promise.withResolvers<string | undefined>();
    const platform = lab.platform({ answers: [] });
    const running = runCli(["destroy", "100"], {
      ...platform,
      terminal: { ...platform.terminal, readLine: () => asked.promise },
    });
    await until("the question", () => platform.stderr().includes("[y/N]"));
    Object.assign(configOf(lab), change);
    asked.resolve("y");
    assert.equal(await running, 1, platform.stderr());
    assert.equal(sent(lab, "DELETE", DELETE), 0, JSON.stringify(change));
  }
});

Deno.test("destroy --force refuses a container that was changed after its protection was lifted, and protects it again", async () => {
  for (const change of [{ memory: "4096" }, { description: "mine" }, { hostname: "prod" }]) {
    const hook = new Hook();
    await using lab = await startLab(hook.options);
    await withContainer(lab, { protection: "1" });
    hook.after("PUT", CONFIG, () => void Object.assign(configOf(lab), change));
    const { status, stderr } = await lab.run(["destroy", "100", "--yes", "--force"]);
    assert.equal(status, 1, stderr);
    assert.equal(sent(lab, "DELETE", DELETE), 0, JSON.stringify(change));
    assert.equal(configOf(lab)["protection"], "1");
  }
});

Deno.test("destroy --force whose PUT loses its reply goes on, and does not send it again", async () => {
  await using lab = await startLab();
  await withContainer(lab, { protection: "1" });
  const puts = sent(lab, "PUT", CONFIG);
  lab.simulator.inject({ name: "drop-reply", method: "PUT", times: 1 });
  const { status, stderr } = await lab.run(["destroy", "100", "--yes", "--force"]);
  assert.equal(status, 0, stderr);
  assert.equal(sent(lab, "PUT", CONFIG), puts + 1);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("destroy removes a container that has no hostname", async () => {
  for (const protection of ["0", "1"]) {
    await using lab = await startLab();
    await withContainer(lab, { protection });
    delete configOf(lab)["hostname"];
    const { status, stderr } = await lab.run(["destroy", "100", "--yes", "--force"]);
    assert.equal(status, 0, stderr);
    assert.equal(lab.simulator.cluster.cts.size, 0);
  }
});

Deno.test("destroy says what it could not look at, and never that it was gone", async () => {
  const lookup = "hostname lookup 'pve01' failed - failed to get address info for: pve01";
  for (const fault of [{ status: 595 }, { status: 500, message: lookup }]) {
    await using lab = await startLab();
    await withContainer(lab);
    const asked = Promise.withResolvers<string | undefined>();
    const platform = lab.platform({ answers: [] });
    const running = runCli(["destroy", "100"], {
      ...platform,
      clock: fastClock(100),
      terminal: { ...platform.terminal, readLine: () => asked.promise },
    });
    await until("the question", () => platform.stderr().includes("[y/N]"));
    lab.simulator.inject({ name: "status", path: "/lxc/100", ...fault });
    asked.resolve("y");
    assert.equal(await running, 1, platform.stderr());
    assert.match(
      platform.stderr(),
      /container 100 cannot be looked at: node pve01 does not answer/,
    );
    assert.doesNotMatch(platform.stderr(), /destroyed already|web-1 destroyed/);
    assert.equal(lab.simulator.cluster.cts.size, 1);
  }
});

Deno.test("create does not say that its container is removed while its node cannot be asked", async () => {
  const lookup = "hostname lookup 'pve01' failed - failed to get address info for: pve01";
  for (const fault of [{ status: 595 }, { status: 500, message: lookup }]) {
    const hook = new Hook();
    await using lab = await startLab(hook.options);
    lab.simulator.inject({ name: "task-failure", type: "vzstart", times: 1 });
    hook.after("POST", /status\/start$/, () => {
      lab.simulator.inject({ name: "status", path: "/lxc/100/config", ...fault });
    });
    const platform = lab.platform();
    const status = await runCli(create, { ...platform, clock: fastClock(100) });
    const stderr = platform.stderr();
    assert.equal(status, 1, stderr);
    assert.match(stderr, /! could not remove container 100: .*; pxrun destroy 100 removes it\n/);
    assert.doesNotMatch(stderr, /✓ remove/);
  }
});

Deno.test("create that is undone lifts no protection that another client has set", async () => {
  const hook = new Hook();
  await using lab = await startLab(hook.options);
  lab.simulator.inject({ name: "task-failure", type: "vzstart", times: 1 });
  hook.after("POST", /status\/start$/, () => void (configOf(lab)["protection"] = "1"));
  const { status, stderr } = await lab.run(create);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /could not remove container 100: another client has protected/);
  assert.equal(configOf(lab)["protection"], "1");
});
