import assert from "node:assert/strict";
import { PxrunError } from "../../core/errors.ts";
import type { SshConnection } from "../client/connection.ts";
import { nodeConnections } from "./pool.ts";

/** A connection that only knows whether it is closed. */
class FakeConnection implements SshConnection {
  closed = false;

  exec(): never {
    throw new Error("not asked for");
  }

  forward(): never {
    throw new Error("not asked for");
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

Deno.test("nodeConnections() opens one connection to each node, for all callers", async () => {
  const opened: string[] = [];
  await using connections = nodeConnections((node) => {
    opened.push(node);
    return Promise.resolve(new FakeConnection());
  });
  const [a, again, b] = await Promise.all(["pve01", "pve01", "pve02"].map(connections.get));
  assert.equal(a, again);
  assert.notEqual(a, b);
  assert.equal(await connections.get("pve01"), a);
  assert.deepEqual(opened, ["pve01", "pve02"]);
});

Deno.test("nodeConnections() opens a lost connection again for the next who asks", async () => {
  await using connections = nodeConnections(() => Promise.resolve(new FakeConnection()));
  const first = await connections.get("pve01");
  await first.close();
  const [second, third] = await Promise.all([connections.get("pve01"), connections.get("pve01")]);
  assert.notEqual(second, first);
  assert.equal(third, second);
});

Deno.test("nodeConnections() hands out the connection that was begun ahead", async () => {
  let attempts = 0;
  await using connections = nodeConnections(() => {
    attempts++;
    return Promise.resolve(new FakeConnection());
  });
  connections.prepare("pve01");
  connections.prepare("pve01");
  assert.equal((await connections.get("pve01")).closed, false);
  connections.prepare("pve01");
  assert.equal(attempts, 1);
});

Deno.test("nodeConnections() starts over where an attempt ahead could ask nobody", async () => {
  for (const [code, expected] of [["UNTRUSTED", "asks"], ["UNREACHABLE", "fails"]] as const) {
    const quietly = (): Promise<never> => Promise.reject(new PxrunError(code, "no"));
    await using connections = nodeConnections(
      () => Promise.resolve(new FakeConnection()),
      quietly,
    );
    connections.prepare("pve01");
    const both = [connections.get("pve01"), connections.get("pve01")];
    if (expected === "asks") {
      const [one, other] = await Promise.all(both);
      assert.equal(one, other);
    } else for (const one of both) await assert.rejects(one, { code });
  }
});

Deno.test("nodeConnections() shares a failure among those who wait, and tries again later", async () => {
  let attempts = 0;
  await using connections = nodeConnections(() => {
    attempts++;
    return attempts === 1
      ? Promise.reject(new Error("refused"))
      : Promise.resolve(new FakeConnection());
  });
  const results = await Promise.allSettled([connections.get("pve01"), connections.get("pve01")]);
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "rejected"]);
  assert.equal(attempts, 1);
  assert.equal((await connections.get("pve01")).closed, false);
});

Deno.test("closeAll() closes connections, ends attempts and opens no more", async () => {
  const open = new FakeConnection();
  const connections = nodeConnections((node, signal) =>
    node === "pve01" ? Promise.resolve(open) : new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    })
  );
  await connections.get("pve01");
  const waiting = connections.get("pve02");
  const ended = assert.rejects(waiting, /are closed/);
  await connections.closeAll();
  await ended;
  assert.equal(open.closed, true);
  await assert.rejects(connections.get("pve01"), /are closed/);
});
