import assert from "node:assert/strict";
import { sh } from "../../tests/support/sh.ts";
import { PxrunError } from "../core/errors.ts";
import type { Clock } from "../core/platform.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { endCommand, endSession, runInGuest, signalCommand, wrap } from "./session.ts";

Deno.test("wrap() makes a script that sh can read, whatever quotes the body has", async () => {
  for (const body of ["", "echo 'it'\\''s' \"x\"", "cat <<'E'\nit's\nE", ": # '"]) {
    assert.ok((await sh(wrap(body, "an-id"), "-n")).success, body);
  }
  for (const script of [endSession("an-id"), endCommand("an-id"), signalCommand("an-id", "INT")]) {
    assert.ok((await sh(script, "-n")).success);
  }
});

Deno.test("wrap() makes a script that does nothing when it is cut off", async () => {
  const script = wrap("echo ran", "an-id");
  for (let cut = 1; cut < script.indexOf("main; exit"); cut += 61) {
    const { code, stdout } = await sh(script.slice(0, cut));
    assert.notEqual(code, 0, `cut at ${cut}`);
    assert.equal(stdout.length, 0);
  }
});

Deno.test("wrap() has /dev/null as the standard input of the body", () => {
  assert.match(wrap("true", "an-id"), /run <\/dev\/null/);
});

/** Time that passes fifty times as fast. */
const clock: Clock = {
  now: () => Date.now() * 50,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms / 50);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    }),
};

type Exec = (command: string, options: ExecOptions) => Promise<ExecResult>;

/** A connection whose commands end as the test says. */
function connection(exec: Exec): { ssh: SshTransport; commands: string[] } {
  const commands: string[] = [];
  const ssh: SshTransport = {
    exec(command, options = {}): Promise<ExecResult> {
      commands.push(command);
      return exec(command, options);
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { ssh, commands };
}

/** What a command leaves when it is given all of this, once the container was entered. */
function left(options: ExecOptions, code: number, stdout = "", stderr = ""): ExecResult {
  const [, id = ""] = /pxrun-out:%s: (\S+)/.exec(String(options.stdin)) ?? [];
  options.onBegun?.();
  return said(options, code, `noise pxrun-out:${id}:${stdout}`, `noise pxrun-err:${id}:${stderr}`);
}

/** What a command leaves that does not come so far. */
function said(options: ExecOptions, code: number, stdout = "", stderr = ""): ExecResult {
  const encoder = new TextEncoder();
  const give = (text: string, see?: (chunk: Uint8Array) => void): Uint8Array => {
    if (see && text !== "") see(encoder.encode(text));
    return see ? new Uint8Array() : encoder.encode(text);
  };
  return {
    code,
    signal: undefined,
    stdout: give(stdout, options.onStdout),
    stderr: give(stderr, options.onStderr),
  };
}

/** A channel that ends only by its signal. */
function hanging({ signal, onBegun }: ExecOptions): Promise<never> {
  onBegun?.();
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const isEnding = ({ stdin }: ExecOptions): boolean => String(stdin).includes("echo ending");

Deno.test("runInGuest() gives back status and output", async () => {
  const { ssh, commands } = connection((_, options) =>
    Promise.resolve(left(options, 3, "out", "err"))
  );
  const result = await runInGuest(ssh, 105, "body", { clock, timeout: 60_000 });
  const decoder = new TextDecoder();
  assert.deepEqual(
    [result.code, decoder.decode(result.stdout), decoder.decode(result.stderr)],
    [3, "out", "err"],
  );
  assert.deepEqual(commands, ["lxc-attach -n 105 --clear-env -- sh -s"]);
});

Deno.test("runInGuest() hands chunks on as they come, and keeps nothing then", async () => {
  const { ssh } = connection((_, options) => Promise.resolve(left(options, 0, "out", "err")));
  const seen: string[] = [];
  const see = (chunk: Uint8Array): void => void seen.push(new TextDecoder().decode(chunk));
  const options = { clock, timeout: 60_000, onStdout: see, onStderr: see };
  const result = await runInGuest(ssh, 105, "body", options);
  assert.deepEqual(seen, ["out", "err"]);
  assert.equal(result.stdout.length + result.stderr.length, 0);
});

Deno.test("runInGuest() remembers a node that has only pct, and shows nothing of the search", async () => {
  const { ssh, commands } = connection((command, options) =>
    Promise.resolve(
      command.includes("pct")
        ? left(options, 0, "done")
        : said(options, 127, "", "bash: line 1: lxc-attach: command not found\n"),
    )
  );
  const seen: Uint8Array[] = [];
  const options = { clock, timeout: 60_000, sudo: true, onStderr: seen.push.bind(seen) };
  await runInGuest(ssh, 105, "body", options);
  await runInGuest(ssh, 105, "body", options);
  const pct = "sudo -n pct exec 105 --keep-env 0 -- sh -s";
  assert.deepEqual(commands, ["sudo -n lxc-attach -n 105 --clear-env -- sh -s", pct, pct]);
  assert.deepEqual(seen, []);
});

Deno.test("runInGuest() rejects when the container does not run", async () => {
  const text =
    "lxc-attach: 105: ../src/lxc/attach.c: get_attach_context: 406 Connection refused - Failed to get init pid\n";
  const { ssh } = connection((_, options) => Promise.resolve(said(options, 1, "", text)));
  await assert.rejects(runInGuest(ssh, 105, "body", { clock, timeout: 60_000 }), {
    message: "container 105 does not run on this node",
  });
});

Deno.test("runInGuest() lets a dropped connection through", async () => {
  const dropped = new PxrunError("UNREACHABLE", "gone");
  const { ssh, commands } = connection(() => Promise.reject(dropped));
  await assert.rejects(runInGuest(ssh, 105, "body", { clock, timeout: 60_000 }), dropped);
  assert.equal(commands.length, 1);
});

Deno.test("runInGuest() says when what took too long could not be ended", async () => {
  const { ssh, commands } = connection((_, options) =>
    isEnding(options)
      ? Promise.resolve(left(options, 1, "ending\n", "cannot end: 7\n"))
      : hanging(options)
  );
  await assert.rejects(runInGuest(ssh, 105, "body", { clock, timeout: 2000 }), {
    code: "TIMEOUT",
    message:
      "the script took longer than 2 s in container 105; it could not be ended: cannot end: 7",
  });
  assert.equal(commands.length, 2);
});

Deno.test("runInGuest() waits no longer than its limit for what ends a script", async () => {
  const { ssh } = connection((_, options) => hanging(options));
  await assert.rejects(runInGuest(ssh, 105, "body", { clock, timeout: 2000 }), {
    code: "TIMEOUT",
    message: /it could not be ended: no answer within \d+ s$/,
  });
});

Deno.test("runInGuest() says when the connection was lost as it wanted to end a script", async () => {
  const { ssh } = connection((_, options) =>
    isEnding(options) ? Promise.reject(new PxrunError("UNREACHABLE", "gone")) : hanging(options)
  );
  await assert.rejects(
    runInGuest(ssh, 105, "body", { clock, timeout: 2000 }),
    /it could not be ended: gone/,
  );
});

Deno.test("runInGuest() gives up its channel where there is none for the ending", async () => {
  // One channel at a time: the second command starts when the first one has left.
  let free = Promise.resolve();
  const { ssh } = connection(async (_, options) => {
    const before = free;
    const done = Promise.withResolvers<void>();
    free = done.promise;
    await before;
    try {
      if (isEnding(options)) return left(options, 0, "ending\n");
      return await hanging(options);
    } finally {
      done.resolve();
    }
  });
  const control = new AbortController();
  const reason = new Error("stop");
  const running = runInGuest(ssh, 105, "body", { clock, timeout: 60_000, signal: control.signal });
  control.abort(reason);
  await assert.rejects(running, reason);
});

Deno.test("runInGuest() does not start after an abort", async () => {
  const { ssh, commands } = connection((_, options) => Promise.resolve(left(options, 0)));
  const reason = new Error("stop");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(runInGuest(ssh, 105, "body", { clock, timeout: 60_000, signal }), reason);
  assert.deepEqual(commands, []);
});

Deno.test("runInGuest() shows the output of a script that fails, whatever sudo warns about", async () => {
  const { ssh } = connection((_, options) => {
    options.onStderr?.(new TextEncoder().encode("sudo: unable to resolve host pve01\n"));
    return Promise.resolve(left(options, 3, "", "broken\n"));
  });
  const result = await runInGuest(ssh, 105, "body", { clock, timeout: 60_000, sudo: true });
  assert.deepEqual([result.code, new TextDecoder().decode(result.stderr)], [3, "broken\n"]);
});

Deno.test("runInGuest() takes a command that did not enter the container for no success", async () => {
  const { ssh } = connection((_, options) => Promise.resolve(said(options, 0, "all is well")));
  await assert.rejects(runInGuest(ssh, 105, "body", { clock, timeout: 60_000 }), {
    code: "FAILED",
    message: "cannot enter container 105: all is well",
  });
});

Deno.test("runInGuest() leaves at once where the node never came to the script", async () => {
  const { ssh, commands } = connection((_, { signal }) => hanging({ signal }));
  const control = new AbortController();
  const reason = new Error("stop");
  const running = runInGuest(ssh, 105, "body", { clock, timeout: 60_000, signal: control.signal });
  control.abort(reason);
  await assert.rejects(running, reason);
  assert.equal(commands.length, 1);
});
