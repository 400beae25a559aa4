import assert from "node:assert/strict";
import { type Scripted, scriptedRest } from "../../tests/support/scripted_rest.ts";
import { PxrunError } from "../core/errors.ts";
import { AlreadyExists, TaskFailed, Unreachable } from "./http/errors.ts";
import type { ByteRequest } from "./http/transport.ts";
import { waitForTask } from "./task.ts";

const UPID = "UPID:vm:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam!pxrun:";
const BASE = `/api2/json/nodes/vm/tasks/${encodeURIComponent(UPID)}`;
const dropped = new Unreachable("dropped", { transient: true, sent: true });

/** A task that runs for some polls and then ends; its log is what `lines` holds then. */
function task(
  states: (string | Error | undefined)[],
  lines: () => string[] | Error = () => [],
): (request: ByteRequest) => Scripted {
  return ({ method, path }) => {
    assert.equal(method, "GET");
    const url = new URL(path, "https://x");
    if (url.pathname === `${BASE}/log`) {
      assert.equal(url.searchParams.get("limit"), "0");
      const all = lines();
      if (all instanceof Error) return all;
      const start = Number(url.searchParams.get("start"));
      return { data: all.map((t, i) => ({ n: i + 1, t })).slice(start) };
    }
    assert.equal(url.pathname, `${BASE}/status`);
    const state = states.length > 1 ? states.shift() : states[0];
    if (state instanceof Error) return state;
    return {
      data: state === undefined
        ? { upid: UPID, status: "running" }
        : { upid: UPID, status: "stopped", exitstatus: state },
    };
  };
}

Deno.test("waitForTask() asks at growing intervals until the task is done", async () => {
  const running = Array<undefined>(280).fill(undefined);
  const { rest, clock, sent } = scriptedRest(task([...running, "OK"]));
  assert.deepEqual(await waitForTask(rest, UPID, { clock }), { upid: UPID, warnings: [] });
  assert.equal(sent.length, 281); // No log is read when there is nothing to say.
  assert.equal(clock.sleeps[0], 25);
  assert.equal(clock.sleeps.at(-1), 1_000);
  assert.deepEqual(clock.sleeps, clock.sleeps.toSorted((a, b) => a - b));
});

Deno.test("waitForTask() takes warnings for a success and returns their lines", async () => {
  const lines = () => [
    "extracting archive",
    "WARN: Systemd 252 detected. You may need to enable nesting.",
    "WARNING: Sum of all thin volume sizes exceeds the pool",
    "TASK WARNINGS: 2",
  ];
  const { rest, clock } = scriptedRest(task(["WARNINGS: 2"], lines));
  assert.deepEqual((await waitForTask(rest, UPID, { clock })).warnings, [
    "Systemd 252 detected. You may need to enable nesting.",
    "Sum of all thin volume sizes exceeds the pool",
  ]);
});

Deno.test("waitForTask() keeps a warning's number when the log cannot be read", async () => {
  const forbidden = new PxrunError("PERMISSION_DENIED", "no");
  const { rest, clock } = scriptedRest(task(["WARNINGS: 1"], () => forbidden));
  assert.deepEqual((await waitForTask(rest, UPID, { clock })).warnings, ["WARNINGS: 1"]);
});

Deno.test("waitForTask() throws why a task failed, with the last lines of its log", async () => {
  const exitstatus = "unable to create CT 200 - CT 200 already exists on node 'vm'";
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`);
  const { rest, clock } = scriptedRest(task([undefined, exitstatus], () => lines));
  await assert.rejects(waitForTask(rest, UPID, { clock }), (error) => {
    assert.ok(error instanceof TaskFailed);
    assert.equal(error.code, "TASK_FAILED");
    assert.equal(error.message, `task vzcreate 200 on vm failed: ${exitstatus}`);
    assert.equal(error.upid, UPID);
    assert.equal(error.exitstatus, exitstatus);
    assert.deepEqual(error.lines, lines.slice(20));
    assert.ok(error.reason instanceof AlreadyExists);
    assert.equal(error.cause, error.reason);
    assert.equal(error.hint, error.reason.hint);
    return true;
  });
});

Deno.test("waitForTask() throws why a task failed even when its log is out of reach", async () => {
  const { rest, clock } = scriptedRest(task(["CT is locked (backup)"], () => dropped));
  await assert.rejects(waitForTask(rest, UPID, { clock }), (error) => {
    assert.ok(error instanceof TaskFailed);
    assert.deepEqual(error.lines, []);
    assert.equal(error.reason.code, "LOCKED");
    return true;
  });
});

Deno.test("waitForTask() says where the log is when the reason has no hint of its own", async () => {
  const { rest, clock } = scriptedRest(task(["out of magic"]));
  await assert.rejects(waitForTask(rest, UPID, { clock }), {
    name: "TaskFailed",
    hint: `its whole log, on the node: pvenode task log ${UPID}`,
  });
});

Deno.test("waitForTask() takes a task that vanished for a failure", async () => {
  const { rest, clock } = scriptedRest((request) =>
    request.path.includes("/log") ? { data: [] } : { data: { status: "stopped" } }
  );
  await assert.rejects(waitForTask(rest, UPID, { clock }), /failed: unexpected status/);
});

Deno.test("waitForTask() survives a node whose API restarts, but not one that stays away", async () => {
  const silent = new Unreachable("no connection within 10 s", { transient: false, sent: false });
  const away = [...Array<Error>(20).fill(dropped), silent, silent];
  const restarting = scriptedRest(task([undefined, ...away, undefined, "OK"]));
  await waitForTask(restarting.rest, UPID, { clock: restarting.clock });

  const gone = scriptedRest(task([undefined, dropped]));
  await assert.rejects(waitForTask(gone.rest, UPID, { clock: gone.clock }), (error) => {
    assert.ok(error instanceof Unreachable);
    assert.equal(error.message, "dropped; task vzcreate 200 on vm may still run");
    assert.deepEqual(error.remedies, [{ kind: "wait-task", upid: UPID }]);
    return true;
  });
  assert.ok(gone.clock.now() > 60_000 && gone.clock.now() < 65_000, `${gone.clock.now()}`);
});

Deno.test("waitForTask() hands on each line of the log once, as it comes", async () => {
  const lines: string[] = [];
  const seen: string[][] = [];
  const { rest, clock } = scriptedRest(task(
    [undefined, undefined, undefined, "OK"],
    () => {
      lines.push(`line ${lines.length + 1}`);
      seen.push([]);
      return lines;
    },
  ));
  await waitForTask(rest, UPID, { clock, onLog: (line) => seen.at(-1)?.push(line) });
  assert.deepEqual(seen, [["line 1"], ["line 2"], ["line 3"], ["line 4"]]);
});

Deno.test("waitForTask() only stops waiting when it is aborted: the task goes on", async () => {
  const abort = new AbortController();
  const reason = new Error("Ctrl-C");
  const states = task([undefined]);
  const { rest, clock, sent } = scriptedRest((request) => {
    if (sent.length === 3) abort.abort(reason);
    return states(request);
  });
  await assert.rejects(waitForTask(rest, UPID, { clock, signal: abort.signal }), reason);
  assert.deepEqual(sent.map(({ method }) => method), ["GET", "GET", "GET"]);
  assert.ok(sent.every(({ signal }) => signal?.aborted)); // A poll under way ends too.
});

Deno.test("waitForTask() names the task that still runs at the end of the time", async () => {
  const { rest, clock } = scriptedRest(task([undefined]));
  await assert.rejects(waitForTask(rest, UPID, { clock, timeout: 5_000 }), (error) => {
    assert.ok(error instanceof PxrunError);
    assert.equal(error.code, "TIMEOUT");
    assert.equal(
      error.message,
      "timed out after 5 s waiting for the end of task vzcreate 200 on vm",
    );
    assert.deepEqual(error.remedies, [{ kind: "wait-task", upid: UPID }]);
    return true;
  });
});
