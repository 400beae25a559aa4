import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { poll } from "../../../lib/core/poll.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import type { SshConnection } from "../../../lib/ssh/client/connection.ts";
import { startSshd } from "../../support/sshd.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A connection to a server of its own, with these lines in its sshd_config. */
async function open(
  config: readonly string[] = [],
): Promise<{ connection: SshConnection } & AsyncDisposable> {
  const sshd = await startSshd(config);
  const connection = await sshd.connect([await sshd.newKey("id_ed25519")]);
  return {
    connection,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await sshd[Symbol.asyncDispose]();
    },
  };
}

Deno.test("exec() gives OpenSSH's exit codes, signals and streams", async () => {
  await using session = await open();
  const run = session.connection.exec.bind(session.connection);
  assert.equal((await run("exit 255")).code, 255);
  const both = await run("echo out; echo err >&2; exit 3");
  assert.deepEqual([both.code, text(both.stdout), text(both.stderr)], [3, "out\n", "err\n"]);
  const { code, signal } = await run("kill -KILL $$");
  assert.deepEqual({ code, signal }, { code: undefined, signal: "KILL" });
  assert.equal((await run("no-such-command")).code, 127);
  assert.equal(text((await run("cat", { stdin: "ä\n" })).stdout), "ä\n");
  assert.equal((await run("cat")).stdout.length, 0);
});

Deno.test("exec() runs 30 commands at once where OpenSSH takes 10 sessions", async () => {
  await using session = await open(["MaxSessions 10"]);
  const commands = Array.from({ length: 30 }, (_, i) => `sleep 0.05; echo ${i}`);
  const results = await Promise.all(commands.map((one) => session.connection.exec(one)));
  assert.deepEqual(
    results.map(({ stdout }) => text(stdout).trim()),
    Array.from({ length: 30 }, (_, i) => `${i}`),
  );
});

Deno.test("exec() makes do with the one session that OpenSSH gives", async () => {
  await using session = await open(["MaxSessions 1"]);
  const commands = Array.from({ length: 10 }, (_, i) => `echo ${i}`);
  const results = await Promise.all(commands.map((one) => session.connection.exec(one)));
  assert.deepEqual(results.map(({ code }) => code), Array(10).fill(0));
});

Deno.test("exec() does not wait for a background child, and keeps what came before it", async () => {
  await using session = await open();
  const started = performance.now();
  const result = await session.connection.exec(
    "sleep 60 & echo $!; head -c 3000000 /dev/zero | tr '\\0' x; echo err >&2; exit 4",
  );
  const elapsed = performance.now() - started;
  const [pid = "", rest = ""] = text(result.stdout).split("\n");
  await session.connection.exec(`kill ${pid}`);
  assert.equal(result.code, 4);
  assert.equal(rest.length, 3_000_000);
  assert.equal(text(result.stderr), "err\n");
  assert.ok(elapsed < 30_000, `${elapsed} ms`);
});

Deno.test("exec() fails when OpenSSH's side of the connection is killed", async () => {
  await using session = await open();
  const other = assert.rejects(session.connection.exec("sleep 60"), { code: "UNREACHABLE" });
  await assert.rejects(session.connection.exec("kill -KILL $PPID; sleep 60"), {
    code: "UNREACHABLE",
    message: /was lost before the command ended/,
  });
  await other;
  assert.equal(session.connection.closed, true);
});

Deno.test("exec() passes 100 MB through cat unchanged, through re-keying, a little at a time", async () => {
  await using session = await open(["RekeyLimit 16M"]);
  const sent = createHash("sha256");
  const received = createHash("sha256");
  const [chunks, size] = [1600, 65_536];
  let onTheWay = 0;
  let most = 0;
  const random = async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < chunks; i++) {
      const chunk = crypto.getRandomValues(new Uint8Array(size));
      sent.update(chunk);
      most = Math.max(most, onTheWay += size);
      yield chunk;
    }
  };
  const { code } = await session.connection.exec("cat", {
    stdin: random(),
    onStdout(chunk) {
      onTheWay -= chunk.length;
      received.update(chunk);
    },
  });
  assert.equal(code, 0);
  assert.equal(received.digest("hex"), sent.digest("hex"));
  // Two SSH windows of 2 MiB and what the pipes hold, however much goes through.
  assert.ok(most < 12 * 1024 * 1024, `${most} bytes on the way`);
});

Deno.test("exec() stops writing when the command ends before it has read all", async () => {
  await using session = await open();
  let released = false;
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    try {
      while (true) yield new Uint8Array(65_536);
    } finally {
      released = true;
    }
  };
  const result = await session.connection.exec("head -c 5", { stdin: endless() });
  assert.deepEqual([result.code, result.stdout.length], [0, 5]);
  await poll(() => Promise.resolve(released || undefined), {
    clock: systemClock,
    what: "the input to be let go of",
    timeout: 60_000,
    first: 1,
  });
  const large = await session.connection.exec("head -c 5", { stdin: new Uint8Array(20_000_000) });
  assert.deepEqual([large.code, large.stdout.length], [0, 5]);
  assert.equal((await session.connection.exec("true")).code, 0);
});

Deno.test("exec() gives up a running command, and the connection goes on", async () => {
  await using session = await open();
  const stop = new AbortController();
  let pid = "";
  const exec = session.connection.exec("echo $$; exec sleep 60", {
    signal: stop.signal,
    onStdout(chunk) {
      pid += text(chunk);
      stop.abort(new Error("enough"));
    },
  });
  await assert.rejects(exec, /enough/);
  assert.equal((await session.connection.exec(`kill ${pid}`)).code, 0);
});
