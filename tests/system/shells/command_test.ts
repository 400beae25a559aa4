import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type GuestCommand, startInGuest } from "../../../lib/guest/command.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import type { ExecOptions } from "../../../lib/ssh/client/transport.ts";
import { type TestRoot, VMID } from "../../support/chroot.ts";
import { until } from "../../support/until.ts";
import { eachShell, HOSTILE, processesAre, type Ran } from "./in_root.ts";

function start(root: TestRoot, argv: readonly string[], options: ExecOptions = {}): GuestCommand {
  return startInGuest(root.ssh, VMID, argv, { ...options, clock: systemClock });
}

async function run(
  root: TestRoot,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await start(root, argv, options).ended;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

eachShell("startInGuest() has the exit status and the words of the command", async (root) => {
  for (const code of [0, 1, 7, 126, 127, 143]) {
    assert.deepEqual(await run(root, ["sh", "-c", `echo out; echo err >&2; exit ${code}`]), {
      code,
      stdout: "out\n",
      stderr: "err\n",
    });
  }
  for (const [name, code] of [["TERM", 143], ["KILL", 137], ["INT", 130]] as const) {
    const killed = await run(root, ["sh", "-c", `kill -${name} $$`]);
    assert.deepEqual(killed, { code, stdout: "", stderr: "" });
  }
  const missing = await run(root, ["nosuchcmd"]);
  assert.equal(missing.code, 127);
  assert.match(missing.stderr, /^env: .*nosuchcmd/);
  assert.equal((await run(root, ["/etc/passwd"])).code, 126);
});

eachShell(
  "startInGuest() has the environment and the directory that lxc-attach gives",
  async (root) => {
    const { stdout } = await run(root, ["env"]);
    assert.deepEqual(stdout.trim().split("\n").toSorted(), [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "TERM=linux",
      "container=lxc",
    ]);
  },
);

eachShell("startInGuest() gives arguments as they are, and no other descriptors", async (root) => {
  const words = [HOSTILE, "", "-n", "--", "a\nb", "*"];
  const { stdout } = await run(root, ["printf", "<%s>", ...words]);
  assert.equal(stdout, words.map((word) => `<${word}>`).join(""));
  const { stdout: open } = await run(root, ["sh", "-c", "ls /proc/$$/fd; :"]);
  assert.ok(!open.split("\n").includes("3"), open);
});

eachShell("startInGuest() streams bytes through the command", async (root) => {
  const sent = createHash("sha256");
  const received = createHash("sha256");
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 320; i++) {
      const chunk = crypto.getRandomValues(new Uint8Array(65_536));
      sent.update(chunk);
      yield chunk;
    }
  }
  const onStdout = (chunk: Uint8Array): void => void received.update(chunk);
  assert.equal((await run(root, ["cat"], { stdin: source(), onStdout })).code, 0);
  assert.equal(received.digest("hex"), sent.digest("hex"));
});

eachShell("kill() reaches the command and what it has started, and nobody else", async (root) => {
  const other = start(root, ["sleep", "301"]);
  let printed = "";
  const onStdout = (chunk: Uint8Array): void => void (printed += new TextDecoder().decode(chunk));
  const script = "sleep 302 & echo ready; sleep 303";
  const command = start(root, ["sh", "-c", script], { onStdout });
  await until("the command", () => printed === "ready\n");
  await until("the other one", async () => (await root.processes()).includes("sleep 301"));
  await command.kill("TERM");
  assert.equal((await command.ended).code, 143);
  // The other one, and the shell that it runs below.
  await until("one to be left", async () => (await root.processes()).length === 2);
  assert.ok((await root.processes()).includes("sleep 301"));
  await other.kill("KILL");
  assert.equal((await other.ended).code, 137);
  await processesAre(root);
  await other.kill("TERM");
});

eachShell("kill() lets the command do with a signal what it wants", async (root) => {
  let printed = "";
  const onStdout = (chunk: Uint8Array): void => void (printed += new TextDecoder().decode(chunk));
  const script = "trap 'echo got; exit 5' INT; echo ready; while :; do sleep 0.05; done";
  const command = start(root, ["sh", "-c", script], { onStdout });
  await until("the command", () => printed === "ready\n");
  await command.kill("INT");
  const { code, stderr } = await command.ended;
  assert.deepEqual([code, printed, new TextDecoder().decode(stderr)], [5, "ready\ngot\n", ""]);
});

eachShell("startInGuest() leaves nothing behind when it is aborted", async (root) => {
  const control = new AbortController();
  const reason = new Error("enough");
  const command = start(root, ["sleep", "300"], { signal: control.signal });
  await until("the command", async () => (await root.processes()).includes("sleep 300"));
  control.abort(reason);
  await assert.rejects(command.ended, reason);
  await processesAre(root);
});

eachShell("startInGuest() that is aborted ends also what ignores TERM", async (root) => {
  const control = new AbortController();
  const reason = new Error("enough");
  const script = "trap '' TERM; setsid sleep 304 & echo ready; while :; do sleep 305; done";
  const command = start(root, ["sh", "-c", script], {
    signal: control.signal,
    onStdout: () => control.abort(reason),
  });
  await assert.rejects(command.ended, reason);
  await processesAre(root);
});

eachShell(
  "startInGuest() that is aborted also asks what is started meanwhile to end",
  async (root) => {
    const control = new AbortController();
    const reason = new Error("enough");
    // The shell does on TERM what takes long, and cleans up once that has ended.
    const script = "trap 'sleep 306; echo done >/tmp/cleaned; exit 143' TERM; echo ready; " +
      "while :; do sleep 307; done";
    const command = start(root, ["sh", "-c", script], {
      signal: control.signal,
      onStdout: () => control.abort(reason),
    });
    await assert.rejects(command.ended, reason);
    assert.equal(await Deno.readTextFile(`${root.directory}/tmp/cleaned`), "done\n");
    await processesAre(root);
  },
);

eachShell(
  "startInGuest() goes by pct where the node has no lxc-attach, with all input",
  async (root) => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode("all of it\n");
    }
    const { code, stdout, stderr } = await run(root, ["cat"], { stdin: source() });
    assert.deepEqual([code, stdout, stderr], [0, "all of it\n", ""]);
    assert.equal(root.commands.length, 2);
  },
  { onlyPct: true },
);

eachShell("startInGuest() tells a container that does not run", async (root) => {
  const command = startInGuest(root.ssh, 106, ["true"], { clock: systemClock });
  await assert.rejects(command.ended, { message: "container 106 does not run on this node" });
});
