import assert from "node:assert/strict";
import type { ServerChannel } from "../../../deps/ssh2.ts";
import {
  endCommand,
  startSshServer,
  type TestSshOptions,
  type TestSshServer,
} from "../../../tests/support/ssh_server.ts";
import { newKey } from "../../../tests/support/ssh_agent.ts";
import { poll } from "../../core/poll.ts";
import { systemClock } from "../../host/clock.ts";
import { type ConnectOptions, connectSsh } from "./connect.ts";
import type { SshConnection } from "./connection.ts";
import { parseIdentity } from "../auth/identity.ts";

const identity = parseIdentity("id_ed25519", new TextEncoder().encode(newKey("me").private));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

interface Session extends AsyncDisposable {
  readonly server: TestSshServer;
  readonly connection: SshConnection;
}

async function open(
  options: TestSshOptions,
  keepalive: Pick<ConnectOptions, "keepalive"> = {},
): Promise<Session> {
  const server = await startSshServer(options);
  const connection = await connectSsh({
    host: "127.0.0.1",
    port: server.port,
    user: "root",
    hostKeys: server.hostKeys,
    identities: [identity],
    clock: systemClock,
    ...keepalive,
  });
  return {
    server,
    connection,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  const probe = (): Promise<true | undefined> => Promise.resolve(condition() || undefined);
  await poll(probe, { clock: systemClock, what: "the condition", timeout: 60_000, first: 1 });
}

const lost = { code: "UNREACHABLE", message: /^the SSH connection to 127\.0\.0\.1:\d+ was lost/ };

Deno.test("exec() gives output, error output and exit code, each on its own", async () => {
  await using session = await open({
    run(channel) {
      channel.write("out");
      channel.stderr.write("err");
      endCommand(channel, 3);
    },
  });
  const result = await session.connection.exec("do it");
  assert.deepEqual({ ...result, stdout: text(result.stdout), stderr: text(result.stderr) }, {
    code: 3,
    signal: undefined,
    stdout: "out",
    stderr: "err",
  });
  assert.deepEqual(session.server.commands, ["do it"]);
});

Deno.test("exec() names the signal that ended a command", async () => {
  await using session = await open({
    run(channel) {
      channel.exit("KILL");
      channel.end();
    },
  });
  const { code, signal } = await session.connection.exec("x");
  assert.deepEqual({ code, signal }, { code: undefined, signal: "KILL" });
});

Deno.test("exec() hands chunks on as they come and keeps none of them", async () => {
  const chunks: string[] = [];
  await using session = await open({
    run(channel) {
      channel.write("a");
      channel.stderr.write("b");
      endCommand(channel);
    },
  });
  const result = await session.connection.exec("x", {
    onStdout: (chunk) => chunks.push(`out ${text(chunk)}`),
    onStderr: (chunk) => chunks.push(`err ${text(chunk)}`),
  });
  assert.deepEqual(chunks, ["out a", "err b"]);
  assert.equal(result.stdout.length + result.stderr.length, 0);
});

Deno.test("exec() keeps no more output than its limit, and none is too much for a callback", async () => {
  await using session = await open({
    run(channel) {
      channel.write(new Uint8Array(3000));
      endCommand(channel, 0);
    },
  });
  await assert.rejects(session.connection.exec("status", { most: 2999 }), { code: "FAILED" });
  const { stdout } = await session.connection.exec("status", { most: 3000 });
  assert.equal(stdout.length, 3000);
  let seen = 0;
  const onStdout = (chunk: Uint8Array): void => void (seen += chunk.length);
  await session.connection.exec("status", { most: 1, onStdout });
  assert.equal(seen, 3000);
});

Deno.test("exec() rejects with what a callback throws", async () => {
  await using session = await open({ run: (channel) => channel.write("a") });
  const exec = session.connection.exec("x", {
    onStdout() {
      throw new Error("full disk");
    },
  });
  await assert.rejects(exec, /full disk/);
});

/** Sends its input back and ends when it ends. */
function echo(channel: ServerChannel): void {
  channel.on("data", (chunk: Uint8Array) => channel.write(chunk));
  channel.on("end", () => endCommand(channel));
}

Deno.test("exec() writes standard input as text, bytes or chunks, and closes it", async () => {
  await using session = await open({ run: echo });
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array([1, 2]);
    await Promise.resolve();
    yield new Uint8Array();
    yield new Uint8Array([255]);
  };
  const run = async (stdin?: Parameters<SshConnection["exec"]>[1]): Promise<number[]> => [
    ...(await session.connection.exec("cat", stdin)).stdout,
  ];
  assert.deepEqual(await run({ stdin: "ä" }), [195, 164]);
  assert.deepEqual(await run({ stdin: new Uint8Array([0, 255]) }), [0, 255]);
  assert.deepEqual(await run({ stdin: chunks() }), [1, 2, 255]);
  assert.deepEqual(await run({ stdin: "" }), []);
  assert.deepEqual(await run(), []);
});

Deno.test("exec() asks for no more input than the host takes", async () => {
  let reader: ServerChannel | undefined;
  await using session = await open({
    run(channel, command) {
      if (command !== "read") return endCommand(channel);
      reader = channel;
      channel.pause();
    },
  });
  let produced = 0;
  const total = 16 * 1024 * 1024;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (; produced < total; produced += 65_536) yield new Uint8Array(65_536);
  };
  const exec = session.connection.exec("read", { stdin: chunks() });
  await until(() => produced >= 1024 * 1024);
  // Once another command has come and gone, the host has taken what it will.
  await session.connection.exec("true");
  assert.ok(produced < 8 * 1024 * 1024, `${produced} bytes`);
  let consumed = 0;
  reader?.on("data", (chunk: Uint8Array) => consumed += chunk.length);
  reader?.on("end", () => reader && endCommand(reader));
  reader?.resume();
  await exec;
  assert.equal(consumed, total);
});

Deno.test("exec() lets go of its input when the command ends before reading all", async () => {
  let released = false;
  await using session = await open({
    run(channel) {
      channel.once("data", () => endCommand(channel));
    },
  });
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    try {
      while (true) yield new Uint8Array(65_536);
    } finally {
      released = true;
    }
  };
  assert.equal((await session.connection.exec("head -c 1", { stdin: endless() })).code, 0);
  await until(() => released);
});

Deno.test("exec() does not wait for input that never comes once the command has ended", async () => {
  await using session = await open({});
  const silent: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
  };
  assert.equal((await session.connection.exec("true", { stdin: silent })).code, 0);
});

Deno.test("exec() rejects with the error of its input", async () => {
  await using session = await open({ run: echo });
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw new Error("cannot read the file");
  };
  const exec = session.connection.exec("cat", { stdin: broken() });
  await assert.rejects(exec, /cannot read the file/);
});

Deno.test("exec() ends with the command, not with a child that keeps its output open", async () => {
  let child: ServerChannel | undefined;
  await using session = await open({
    run(channel) {
      child = channel;
      channel.write("before");
      channel.exit(0);
      // What the command wrote may come after its exit.
      channel.write(" after");
    },
  });
  const result = await session.connection.exec("daemon &");
  assert.equal(text(result.stdout), "before after");
  assert.ok(child?.writable);
});

Deno.test("exec() loses nothing of a long output that comes after the exit", async () => {
  const megabytes = 5;
  await using session = await open({
    run(channel) {
      channel.exit(0);
      for (let i = 0; i < megabytes; i++) channel.write(new Uint8Array(1024 * 1024));
    },
  });
  const result = await session.connection.exec("cat big &");
  assert.equal(result.stdout.length, megabytes * 1024 * 1024);
});

Deno.test("exec() leaves a child that never stops writing", async () => {
  const stop = new AbortController();
  await using session = await open({
    run(channel) {
      channel.exit(0);
      const more = (): void => {
        if (!stop.signal.aborted) channel.write(new Uint8Array(1024 * 1024), more);
      };
      more();
    },
  });
  const result = await session.connection.exec("yes &");
  stop.abort();
  assert.equal(result.code, 0);
  assert.ok(result.stdout.length >= 8 * 1024 * 1024);
});

Deno.test("exec() fails when the connection drops, even after the exit", async () => {
  await using session = await open({ run: (channel) => channel.write("a") });
  const exec = session.connection.exec("x", { onStdout: () => session.server.drop() });
  await assert.rejects(exec, lost);
  assert.equal(session.connection.closed, true);
  await assert.rejects(session.connection.exec("y"), lost);
  await using exited = await open({
    run(channel) {
      channel.exit(0);
      setTimeout(() => exited.server.drop(), 0);
    },
  });
  await assert.rejects(exited.connection.exec("x"), lost);
});

Deno.test("exec() fails when a channel closes without saying how the command ended", async () => {
  await using session = await open({ run: (channel) => channel.end() });
  await assert.rejects(session.connection.exec("x"), lost);
  assert.equal(session.connection.closed, false);
});

Deno.test("exec() fails when the host stops answering", async () => {
  await using session = await open(
    { run: () => session.server.freeze() },
    // A machine that is busy may answer late, too.
    { keepalive: { interval: 100, missed: 5 } },
  );
  await assert.rejects(session.connection.exec("x"), {
    ...lost,
    message: /was lost before the command ended: Keepalive timeout/,
  });
});

Deno.test("exec() runs eight commands of a connection at once and the rest in order", async () => {
  const running: ServerChannel[] = [];
  let most = 0;
  await using session = await open({
    run: (channel) => most = Math.max(most, running.push(channel)),
  });
  const all = Array.from({ length: 30 }, (_, i) => session.connection.exec(`${i}`));
  for (let ended = 0; ended < 30; ended++) {
    await until(() => running.length > 0);
    const channel = running.shift();
    if (channel) endCommand(channel);
  }
  assert.deepEqual((await Promise.all(all)).map(({ code }) => code), Array(30).fill(0));
  assert.equal(most, 8);
  assert.deepEqual(session.server.commands, Array.from({ length: 30 }, (_, i) => `${i}`));
});

Deno.test("exec() makes do with fewer channels where the host refuses more", async () => {
  await using session = await open({
    sessions: 3,
    run: (channel) => setTimeout(() => endCommand(channel), 1),
  });
  const all = Array.from({ length: 12 }, (_, i) => session.connection.exec(`${i}`));
  assert.deepEqual((await Promise.all(all)).map(({ code }) => code), Array(12).fill(0));
  assert.equal(session.server.mostSessions, 3);
});

Deno.test("exec() says so when the host runs no command at all", async () => {
  await using session = await open({ sessions: 0 });
  await assert.rejects(session.connection.exec("x"), {
    code: "FAILED",
    message: /runs no command/,
  });
});

Deno.test("exec() ends its channel when its signal is aborted", async () => {
  let closed = false;
  await using session = await open({
    run: (channel) => channel.on("close", () => closed = true),
  });
  const stop = new AbortController();
  const exec = session.connection.exec("sleep", { signal: stop.signal });
  await until(() => session.server.commands.length === 1);
  stop.abort(new Error("enough"));
  await assert.rejects(exec, /enough/);
  await until(() => closed);
  await assert.rejects(session.connection.exec("x", { signal: stop.signal }), /enough/);
  assert.deepEqual(session.server.commands, ["sleep"]);
});

Deno.test("exec() leaves the queue when its signal is aborted", async () => {
  const running: ServerChannel[] = [];
  await using session = await open({ run: (channel) => running.push(channel) });
  const eight = Array.from({ length: 8 }, () => session.connection.exec("busy"));
  const stop = new AbortController();
  const ninth = session.connection.exec("never", { signal: stop.signal });
  const tenth = session.connection.exec("last");
  stop.abort(new Error("enough"));
  await assert.rejects(ninth, /enough/);
  await until(() => running.length === 8);
  running.forEach((channel) => endCommand(channel));
  await Promise.all(eight);
  await until(() => running.length === 9);
  running.slice(8).forEach((channel) => endCommand(channel));
  assert.equal((await tenth).code, 0);
  assert.ok(!session.server.commands.includes("never"));
});

Deno.test("exec() gives up on a channel that is still being opened", async () => {
  await using session = await open({});
  session.server.freeze();
  const stop = new AbortController();
  const exec = session.connection.exec("x", { signal: stop.signal });
  const failed = assert.rejects(exec, /enough/);
  // By then the request is on its way.
  await systemClock.sleep(1);
  stop.abort(new Error("enough"));
  await failed;
  const early = session.connection.exec("x", { signal: stop.signal });
  await assert.rejects(early, /enough/);
});

Deno.test("close() ends running commands, may be called twice, and does not wait for the host", async () => {
  await using session = await open({ run: (channel) => channel.write("a") });
  let began = false;
  const exec = session.connection.exec("x", { onStdout: () => began = true });
  const failed = assert.rejects(exec, lost);
  await until(() => began);
  session.server.freeze();
  await Promise.all([session.connection.close(), session.connection.close()]);
  await failed;
  assert.equal(session.connection.closed, true);
  await assert.rejects(session.connection.exec("x"), lost);
});

Deno.test("forward() fails on a server that forwards nothing, and on a connection that was lost", async () => {
  await using session = await open({});
  const { connection, server } = session;
  const { signal } = new AbortController();
  await assert.rejects(connection.forward("127.0.0.1", 8006, signal), Error);
  const given = AbortSignal.abort(new Error("given up"));
  await assert.rejects(connection.forward("127.0.0.1", 8006, given), /given up/);
  server.drop();
  await until(() => connection.closed);
  await assert.rejects(connection.forward("127.0.0.1", 8006, signal), lost);
});
