import assert from "node:assert/strict";
import { endSession, wrap } from "../../../lib/guest/session.ts";
import { PxrunError } from "../../../lib/core/errors.ts";
import { eachShell, HOSTILE, nothingKept, processesAre, run } from "./in_root.ts";

eachShell("runInGuest() reports output and exit status as they are", async (root) => {
  const ran = await run(root, "echo out; echo err >&2; exit 42");
  assert.deepEqual(ran, { code: 42, stdout: "out\n", stderr: "err\n" });
  assert.deepEqual(root.commands, ["lxc-attach -n 105 --clear-env -- sh -s"]);
  await nothingKept(root);
});

eachShell("runInGuest() sets up what scripts rely on", async (root) => {
  const { stdout } = await run(root, 'echo "$PATH|$HOME|$LC_ALL"; pwd; umask; stat -c %a "$pxrun"');
  assert.equal(
    stdout,
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|/root|C\n/root\n0022\n700\n",
  );
});

eachShell("runInGuest() reports a body that kills its shell", async (root) => {
  assert.equal((await run(root, "echo before; kill -TERM $$; echo after")).code, 143);
  const killed = await run(root, "echo before; kill -9 $$; echo after");
  assert.deepEqual([killed.code, killed.stdout], [137, "before\n"]);
  await nothingKept(root);
});

eachShell("runInGuest() gives commands an empty standard input", async (root) => {
  const { code, stdout } = await run(root, 'cat; read -r line; echo "$?:$line"; cat\necho end');
  assert.deepEqual([code, stdout], [0, "1:\nend\n"]);
});

eachShell(
  "runInGuest() is not misled by a body that changes directory or redirects",
  async (root) => {
    const { code, stdout } = await run(
      root,
      "cd /tmp; exec 2>/dev/null; exec </dev/zero; pwd; exit 5",
    );
    assert.deepEqual([code, stdout], [5, "/tmp\n"]);
  },
);

eachShell("runInGuest() does not wait for a background child, nor end it", async (root) => {
  const { code, stdout } = await run(root, "sleep 300 &\necho started; exit 3");
  assert.deepEqual([code, stdout], [3, "started\n"]);
  await processesAre(root, "sleep 300");
  await nothingKept(root);
});

eachShell("runInGuest() reports a body that is no shell script", async (root) => {
  const { code, stdout } = await run(root, "echo no\nif then fi");
  assert.equal(code, 2);
  assert.equal(stdout, "");
});

eachShell("runInGuest() loses no output", async (root) => {
  const { code, stdout } = await run(root, "head -c 3000000 /dev/zero | tr '\\0' x; exit 9");
  assert.deepEqual([code, stdout.length], [9, 3_000_000]);
});

eachShell("runInGuest() carries a body of 2 MB with hostile text", async (root) => {
  const text = `${HOSTILE}\n`.repeat(15_000).replaceAll("'", "-");
  const { code, stdout } = await run(root, `printf '%s' '${text}' | sha256sum`);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  assert.deepEqual([code, stdout], [0, `${new Uint8Array(hash).toHex()}  -\n`]);
});

eachShell("runInGuest() ends everything on timeout, also what ignores TERM", async (root) => {
  const body = `sleep 301 & (sleep 302 & wait) & ( trap '' TERM; sleep 303; sleep 304 ) &
trap '' TERM; echo ready; while :; do sleep 305; done`;
  await assert.rejects(run(root, body, { timeout: 1000 }), (error) => {
    assert.ok(error instanceof PxrunError);
    assert.equal(error.code, "TIMEOUT");
    assert.match(error.message, /longer than 1 s in container 105; it was ended$/);
    return true;
  });
  await processesAre(root);
  await nothingKept(root);
});

eachShell(
  "runInGuest() has ended a script whose directory somebody else has removed",
  async (root) => {
    // As BusyBox's does; its own shell runs no other.
    const quicker = `/usr/bin/rm "$@"; echo "rm: can't remove '$2'" >&2; exit 1`;
    await root.program("rm", quicker);
    let said = "";
    const onStderr = (chunk: Uint8Array): void => void (said += new TextDecoder().decode(chunk));
    await assert.rejects(run(root, "sleep 300", { timeout: 1000, onStderr }), /; it was ended$/);
    assert.doesNotMatch(said, /rm:/);
    await nothingKept(root);
  },
);

eachShell(
  "endSession() ends well where a session ends by itself at the same moment",
  async (root) => {
    // Its last shell is quicker than the mark; BusyBox's own shell runs no other mkdir.
    const quicker = '[ -e /tmp/gone ] || { : >/tmp/gone; /usr/bin/rm -rf "$2"; }';
    await root.program("mkdir", `/usr/bin/mkdir "$@" && { ${quicker}; }`);
    const { code, stdout, stderr } = await root.ssh.exec(
      "lxc-attach -n 105 --clear-env -- sh -s",
      { stdin: endSession("over") },
    );
    const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.deepEqual([code, said, complained], [0, "ending\n", ""]);
  },
);

eachShell("runInGuest() lets what was stopped clean up before it ends", async (root) => {
  const body = "trap 'echo clean >/tmp/clean; exit 1' TERM; echo ready; kill -STOP $$; sleep 301";
  const control = new AbortController();
  const reason = new Error("the user said so");
  const { signal } = control;
  await assert.rejects(run(root, body, { signal, onStdout: () => control.abort(reason) }), reason);
  const { stdout } = await run(root, "cat /tmp/clean; rm -f /tmp/clean");
  assert.equal(stdout, "clean\n");
});

eachShell("runInGuest() ends sessions and groups that the body makes", async (root) => {
  const body = "setsid sleep 306 & setsid sh -c 'sleep 307 & sleep 308' & wait";
  await assert.rejects(run(root, body, { timeout: 1000 }), { code: "TIMEOUT" });
  await processesAre(root);
});

eachShell("runInGuest() gives time to clean up before it kills", async (root) => {
  const body =
    "trap 'echo cleaned >/tmp/cleaned; exit 1' TERM; echo ready; while :; do sleep 0.1; done";
  const control = new AbortController();
  const reason = new Error("the user said so");
  const { signal } = control;
  const running = run(root, body, { signal, onStdout: () => control.abort(reason) });
  await assert.rejects(running, reason);
  assert.equal(await root.read("/tmp/cleaned"), "cleaned\n");
});

eachShell("runInGuest() leaves other runs alone when it ends one", async (root) => {
  const other = run(root, "sleep 2; echo done");
  await assert.rejects(run(root, "sleep 309", { timeout: 300 }), { code: "TIMEOUT" });
  assert.deepEqual(await other, { code: 0, stdout: "done\n", stderr: "" });
});

eachShell("runInGuest() ends the script and rejects with the reason on abort", async (root) => {
  const control = new AbortController();
  const reason = new Error("the user said so");
  const running = run(root, "echo ready; sleep 310", {
    signal: control.signal,
    onStdout: () => control.abort(reason),
  });
  await assert.rejects(running, reason);
  await processesAre(root);
  await nothingKept(root);
});

eachShell("runInGuest() ends a script whose start and abort cross", async (root) => {
  // Aborts at moments all over the start; whatever was under way must not survive.
  for (let delay = 0; delay < 30; delay += 2) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(new Error("stop")), delay);
    await assert.rejects(run(root, "sleep 311", { signal: control.signal }), /stop/);
    clearTimeout(timer);
  }
  await processesAre(root);
});

eachShell("runInGuest() works without setsid and ends the process tree", async (root) => {
  assert.equal((await run(root, "exit 4")).code, 4);
  const body = "sleep 312 & sh -c 'sleep 313 & sleep 314'; wait";
  await assert.rejects(run(root, body, { timeout: 500 }), { code: "TIMEOUT" });
  await processesAre(root);
}, { without: ["setsid"] });

eachShell("runInGuest() goes through pct where lxc-attach is missing", async (root) => {
  assert.equal((await run(root, "echo $HOME; exit 6")).stdout, "/root\n");
  assert.equal((await run(root, "exit 6")).code, 6);
  const attach = "lxc-attach -n 105 --clear-env -- sh -s";
  const pct = "pct exec 105 --keep-env 0 -- sh -s";
  assert.deepEqual(root.commands, [attach, pct, pct]);
}, { onlyPct: true });

eachShell("wrap() makes a script of which a part does not run", async (root) => {
  const script = wrap("echo hit >/tmp/hit", "cut");
  for (let cut = 0; cut < script.indexOf("main; exit"); cut += 7) {
    const { code, stdout } = await root.ssh.exec("lxc-attach -n 105 --clear-env -- sh -s", {
      stdin: script.slice(0, cut),
    });
    assert.ok(code === 2 || cut === 0, `cut at ${cut}: ${code}`);
    assert.equal(stdout.length, 0);
  }
  await assert.rejects(root.read("/tmp/hit"), Deno.errors.NotFound);
  await assert.rejects(Deno.stat(`${root.directory}/run/pxrun`), Deno.errors.NotFound);
});
