import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { runCli } from "../../lib/cli/app/run.ts";
import { type Lab, type Ran, startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";
import type { TestPlatformOptions } from "../support/platform.ts";

/** A lab with one running container, web-1, on a node. */
async function labWithContainer(node = "pve01"): Promise<Lab> {
  const lab = await startLab();
  const args = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", node];
  const { status, stderr } = await lab.run([...args, "--yes"]);
  assert.equal(status, 0, stderr);
  return lab;
}

function exec(lab: Lab, command: readonly string[], options?: TestPlatformOptions): Promise<Ran> {
  return lab.run(["exec", "web-1", "--", ...command], options);
}

Deno.test("exec has the status, the output and the input of its command", async () => {
  await using lab = await labWithContainer();
  for (const code of [0, 1, 7, 126, 127, 143]) {
    assert.equal((await exec(lab, ["sh", "-c", `exit ${code}`])).status, code);
  }
  const { stdout, stderr, status } = await exec(lab, ["sh", "-c", "cat; echo err >&2; exit 3"], {
    stdin: "in\n",
  });
  assert.deepEqual([stdout, stderr, status], ["in\n", "err\n", 3]);
});

Deno.test("exec tells a command that is not there, that cannot run, and that was killed", async () => {
  await using lab = await labWithContainer();
  const missing = await exec(lab, ["nosuchcmd"]);
  assert.equal(missing.status, 127);
  assert.match(missing.stderr, /not in the simulated container: nosuchcmd/);
  assert.equal((await exec(lab, ["/etc/passwd"])).status, 126);
  const killed = await exec(lab, ["sh", "-c", "kill -TERM $$"]);
  assert.deepEqual([killed.status, killed.stderr], [143, ""]);
});

Deno.test("exec gives the command its arguments as they are, and no shell", async () => {
  await using lab = await labWithContainer();
  const hostile = [
    "two  words",
    "a'b\"c",
    "$HOME $(id) `id`",
    "*",
    "",
    "-n",
    "--",
    "ü\n漢",
    ";",
    "\\",
  ];
  const { stdout } = await exec(lab, ["printf", "<%s>", ...hostile]);
  assert.equal(stdout, hostile.map((word) => `<${word}>`).join(""));
  const refused = await exec(lab, ["A=b", "env"]);
  assert.equal(refused.status, 125);
});

Deno.test("exec finds the container by vmid or hostname, on its node", async () => {
  await using lab = await labWithContainer("pve02");
  for (const name of ["web-1", "100"]) {
    assert.equal((await lab.run(["exec", name, "hostname"])).stdout, "web-1\n");
  }
  assert.ok(
    lab.simulator.ssh.commands.every(({ node }) => node === "pve02"),
  );
});

Deno.test("exec has the environment of pct exec --keep-env 0", async () => {
  await using lab = await labWithContainer();
  const { stdout } = await exec(lab, ["env"]);
  assert.deepEqual(stdout.trim().split("\n").toSorted(), [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "TERM=linux",
    "container=lxc",
  ]);
});

Deno.test("exec streams 20 MB through standard input and output, byte for byte", async () => {
  await using lab = await labWithContainer();
  const sent = createHash("sha256");
  const received = createHash("sha256");
  let most = 0;
  let out = 0;
  let size = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 320; i++) {
      const chunk = new Uint8Array(65_536);
      crypto.getRandomValues(chunk);
      sent.update(chunk);
      size += chunk.length;
      yield chunk;
      most = Math.max(most, size - out);
    }
  }
  const { status, stderr } = await exec(lab, ["cat"], {
    stdin: source(),
    onBytes: (stream, bytes) => {
      if (stream === "out") {
        received.update(bytes);
        out += bytes.length;
      }
      return true;
    },
  });
  assert.equal(status, 0, stderr);
  assert.equal(out, 320 * 65_536);
  assert.equal(received.digest("hex"), sent.digest("hex"));
  assert.ok(most < 10_000_000, `${most} bytes were on the way at once`);
});

Deno.test("exec does not wait for input that the command does not want", async () => {
  await using lab = await labWithContainer();
  const never = Promise.withResolvers<void>();
  async function* source(): AsyncGenerator<Uint8Array> {
    await never.promise;
    yield new Uint8Array();
  }
  assert.equal((await exec(lab, ["true"], { stdin: source() })).status, 0);
  never.resolve();
});

Deno.test("exec passes signals on to the command, which may do with them what it wants", async () => {
  await using lab = await labWithContainer();
  const run = async (script: string, name: string): Promise<[number, string]> => {
    const platform = lab.platform();
    const running = runCli(["exec", "web-1", "--", "sh", "-c", script], platform);
    await until("the command", () => platform.stdout().includes("ready\n"));
    platform.interrupt(name);
    return [await running, platform.stdout() + platform.stderr()];
  };
  assert.deepEqual(await run("echo ready; sleep 300", "SIGTERM"), [143, "ready\n"]);
  assert.deepEqual(await run("echo ready; exec sleep 300", "SIGHUP"), [129, "ready\n"]);
  assert.deepEqual(
    await run("trap 'echo got; exit 5' INT; echo ready; while :; do sleep 0.05; done", "SIGINT"),
    [5, "ready\ngot\n"],
  );
});

Deno.test("exec ends a command that heeds no signal when it is asked again and again", async () => {
  await using lab = await labWithContainer();
  const platform = lab.platform();
  const script = "trap '' INT TERM; echo ready; sleep 300; sleep 300";
  const running = runCli(["exec", "web-1", "--", "sh", "-c", script], platform);
  await until("the command", () => platform.stdout().includes("ready\n"));
  for (let i = 0; i < 3; i++) platform.interrupt();
  assert.equal(await running, 125);
  assert.match(platform.stderr(), /interrupted/);
});

Deno.test("exec ends when nobody reads its output any more", async () => {
  await using lab = await labWithContainer();
  const { status } = await exec(lab, ["sh", "-c", "while :; do echo y; done"], {
    onBytes: () => false,
  });
  assert.equal(status, 141);
});

Deno.test("exec exits 125 for its own failures", async () => {
  await using lab = await labWithContainer();
  const failures: [args: readonly string[], message: RegExp][] = [
    [["exec", "nosuch", "--", "true"], /container nosuch not found/],
    [["exec", "web-1"], /there is no command to run/],
    [["exec", "web-1", "ls", "-la"], /unknown option '-la'/],
  ];
  for (const [args, message] of failures) {
    const { status, stderr } = await lab.run(args);
    assert.equal(status, 125, stderr);
    assert.match(stderr, message);
  }
  const lost = lab.platform();
  const running = runCli(["exec", "web-1", "--", "sh", "-c", "echo ready; sleep 300"], lost);
  await until("the command", () => lost.stdout() !== "");
  lab.simulator.ssh.inject({ name: "drop-packet", at: 1 });
  lost.interrupt();
  assert.equal(await running, 125);
  const ct = lab.simulator.cluster.cts.get(100);
  assert.ok(ct);
  ct.status = "stopped";
  const stopped = await exec(lab, ["true"]);
  assert.equal(stopped.status, 125);
  assert.match(stopped.stderr, /does not run on this node\nhint: start it first/);
});

Deno.test("exec --help exits 0, and other commands keep their exit statuses", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(["exec", "--help"])).status, 0);
  assert.equal((await lab.run(["destroy", "exec", "--yes"])).status, 3);
});
