import assert from "node:assert/strict";
import { Kept } from "./bytes.ts";

Deno.test("Kept keeps chunks in order, and no more than its limit", () => {
  const kept = new Kept("the reply of a", 1024 * 1024);
  kept.take(Uint8Array.of(1, 2));
  kept.take(Uint8Array.of(3));
  assert.deepEqual(kept.bytes(), Uint8Array.of(1, 2, 3));
  kept.take(new Uint8Array(1024 * 1024 - 3));
  assert.throws(() => kept.take(Uint8Array.of(4)), {
    code: "FAILED",
    message: "the reply of a is larger than 1 MiB",
  });
});
