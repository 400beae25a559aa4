import assert from "node:assert/strict";
import { testCluster } from "../../../tests/cluster.ts";
import { withLock } from "./locks.ts";

const signal = new AbortController().signal;

Deno.test("withLock() lets one after the other in, and tells who waits", async () => {
  const cluster = testCluster();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = withLock(cluster, 100, { signal }, async () => {
    await gate.promise;
    order.push("first");
  });
  const log = (line: string) => void order.push(line);
  const second = withLock(cluster, 100, { signal, log }, () => void order.push("second"));
  const other = withLock(cluster, 101, { signal }, () => void order.push("other"));
  await other;
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(order, ["trying to acquire lock...", "other", "first", " OK", "second"]);
  assert.equal(cluster.locks.size, 0);
});

Deno.test("withLock() gives up after a while, and stays closed for who comes next", async () => {
  const cluster = testCluster({ timings: { lockTimeoutMs: 20 } });
  const gate = Promise.withResolvers<void>();
  const first = withLock(cluster, 100, { signal }, () => gate.promise);
  const message = "can't lock file '/run/lock/lxc/pve-config-100.lock' - got timeout";
  for (let i = 0; i < 2; i++) {
    await assert.rejects(withLock(cluster, 100, { signal }, () => {}), { status: 500, message });
  }
  gate.resolve();
  await first;
  await withLock(cluster, 100, { signal }, () => {});
});

Deno.test("withLock() frees the lock when the body throws", async () => {
  const cluster = testCluster();
  const broken = withLock(cluster, 100, { signal }, () => Promise.reject(new Error("broken")));
  await assert.rejects(broken, { message: "broken" });
  assert.equal(await withLock(cluster, 100, { signal }, () => 7), 7);
});

Deno.test("withLock() stops waiting when the signal is aborted", async () => {
  const cluster = testCluster();
  const gate = Promise.withResolvers<void>();
  const first = withLock(cluster, 100, { signal }, () => gate.promise);
  const stop = new AbortController();
  const second = withLock(cluster, 100, { signal: stop.signal }, () => {});
  stop.abort(new Error("stopped"));
  await assert.rejects(second, { message: "stopped" });
  gate.resolve();
  await first;
});
