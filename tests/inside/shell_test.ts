import assert from "node:assert/strict";
import type { Screen, ScreenSize } from "../../lib/core/platform.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { type Lab, type LabOptions, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";
import type { TestPlatform } from "../support/platform.ts";

/** A lab with one running container, web-1. */
async function labWithContainer(options: LabOptions = {}): Promise<Lab> {
  const lab = await startLab(options);
  const args = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];
  const { status, stderr } = await lab.run([...args, "--yes"]);
  assert.equal(status, 0, stderr);
  return lab;
}

/** Somebody at a terminal. */
interface Seat {
  readonly platform: TestPlatform;
  /** Whether keys go to the program as they are pressed. */
  readonly raw: boolean;
  type(text: string): void;
  resize(size: ScreenSize): void;
}

function seatAt(lab: Lab, env: Record<string, string | undefined> = {}): Seat {
  const keys = new TransformStream<Uint8Array, Uint8Array>();
  const writer = keys.writable.getWriter();
  const resized = new Set<() => void>();
  let size: ScreenSize = { columns: 90, rows: 33 };
  let raw = false;
  const screen: Screen = {
    size: () => size,
    onResize(callback) {
      resized.add(callback);
      return () => resized.delete(callback);
    },
    raw() {
      raw = true;
      return () => raw = false;
    },
  };
  return {
    platform: lab.platform({ stdin: keys.readable, screen, env }),
    get raw() {
      return raw;
    },
    type: (text) => void writer.write(new TextEncoder().encode(text)).catch(() => {}),
    resize(now) {
      size = now;
      resized.forEach((callback) => callback());
    },
  };
}

/** Starts a shell and waits for its prompt. */
async function open(seat: Seat): Promise<{ readonly status: Promise<number> }> {
  const status = runCli(["shell", "web-1"], seat.platform);
  let ended = false;
  status.then(() => ended = true);
  await until("the prompt", () => {
    assert.ok(!ended, seat.platform.stderr());
    return seat.platform.stdout().includes("# ");
  });
  return { status };
}

Deno.test("shell is root's login shell on the terminal, with its exit status", async () => {
  await using lab = await labWithContainer();
  const seat = seatAt(lab, { TERM: "xterm-256color" });
  const { status } = await open(seat);
  assert.ok(seat.raw);
  seat.type('echo "<$TERM $HOME $USER $SHELL $PWD>"; test -t 0 && test -t 1 && exit 7\r');
  assert.equal(await status, 7);
  assert.match(seat.platform.stdout(), /<xterm-256color \/root root \/bin\/bash \/root>\r+\n/);
  assert.ok(!seat.raw);
  assert.ok(!seat.platform.stdout().includes("pxrun-shell-"), seat.platform.stdout());
  assert.equal(seat.platform.stderr(), "");
});

Deno.test("shell tells the container how large the window is, and when that changes", async () => {
  await using lab = await labWithContainer();
  const seat = seatAt(lab, { TERM: "xterm-kitty" });
  const { status } = await open(seat);
  const shown = (): string | undefined => lab.simulator.ssh.commands.at(-1)?.window;
  assert.equal(shown(), "xterm-kitty 90x33");
  seat.resize({ columns: 120, rows: 40 });
  await until("the new size", () => shown() === "xterm-kitty 120x40");
  seat.type("\x04");
  assert.equal(await status, 0);
});

Deno.test("shell gives Ctrl-C to the shell", async () => {
  await using lab = await labWithContainer();
  const seat = seatAt(lab);
  const { status } = await open(seat);
  seat.type("no such thing\x03echo still $((40+2))\r");
  await until("the next line", () => seat.platform.stdout().includes("still 42"));
  seat.type("exit\r");
  assert.equal(await status, 0);
});

Deno.test("shell works for an SSH user who is not root, by sudo", async () => {
  await using lab = await labWithContainer({ sshUsers: [{ name: "admin", sudo: true }] });
  const seat = seatAt(lab, { SSH_USER: "admin", PXRUN_SSH_NODES: nodesFor(lab, "admin") });
  const { status } = await open(seat);
  seat.type("id -u; exit 3\r");
  assert.equal(await status, 3);
  assert.match(lab.simulator.ssh.commands.at(-1)?.command ?? "", /^sudo -n lxc-attach /);
});

function nodesFor(lab: Lab, user: string): string {
  return lab.simulator.env()["PXRUN_SSH_NODES"]?.replaceAll("root@", `${user}@`) ?? "";
}

Deno.test("shell without a terminal is a usage error, before anybody is asked", async () => {
  await using lab = await labWithContainer();
  const before = lab.simulator.requests.length;
  const { status, stderr } = await lab.run(["shell", "web-1"]);
  assert.equal(status, 125);
  assert.match(stderr, /needs a terminal[^\n]*\nhint: .*pxrun exec web-1 -- sh/);
  assert.equal(lab.simulator.requests.length, before);
});

Deno.test("shell exits 125 for its own failures, and leaves the terminal as it was", async () => {
  await using lab = await labWithContainer();
  const nobody = seatAt(lab);
  assert.equal(await runCli(["shell", "nobody"], nobody.platform), 125);
  assert.match(nobody.platform.stderr(), /container nobody not found/);

  const lost = seatAt(lab);
  const { status } = await open(lost);
  lab.simulator.ssh.inject({ name: "drop-packet", at: 1 });
  lost.type("x");
  assert.equal(await status, 125);
  assert.ok(!lost.raw);

  const ended = seatAt(lab);
  const { status: hungUp } = await open(ended);
  ended.platform.interrupt("SIGHUP");
  assert.equal(await hungUp, 125);
  assert.ok(!ended.raw);

  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.status = "stopped";
  const stopped = seatAt(lab);
  assert.equal(await runCli(["shell", "web-1"], stopped.platform), 125);
  assert.match(stopped.platform.stderr(), /does not run on this node\nhint: start it first/);
});

Deno.test("shell enters by pct where the node has nothing else", async () => {
  await using lab = await labWithContainer({ lacking: ["lxc-attach"] });
  const seat = seatAt(lab);
  const { status } = await open(seat);
  seat.type("exit 4\r");
  assert.equal(await status, 4);
  assert.match(lab.simulator.ssh.commands.at(-1)?.command ?? "", / pct exec 100 /);
});
