import assert from "node:assert/strict";
import type { SshTransport } from "../ssh/client/transport.ts";
import { shellsAhead } from "./resilient_session.ts";

Deno.test("shellsAhead() leaves the ways in that nobody has taken", async () => {
  const open = new Set<AbortSignal>();
  const ssh: SshTransport = {
    roomy: true,
    exec: (_, { signal } = {}) => {
      assert.ok(signal);
      open.add(signal);
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          open.delete(signal);
          reject(signal.reason);
        }, { once: true })
      );
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  {
    using shells = shellsAhead(ssh, 100, {});
    shells.prepare(3);
    await Promise.resolve();
    assert.equal(open.size, 3);
    assert.ok(shells.take()?.usable);
  }
  assert.equal(open.size, 1, "that one is for who has taken it");
});
