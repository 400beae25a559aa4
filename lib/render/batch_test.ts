import assert from "node:assert/strict";
import { Interrupted, PxrunError } from "../core/errors.ts";
import { batchSummary } from "./batch.ts";

Deno.test("batchSummary() tells what was interrupted from what failed", () => {
  const failed = (error: PxrunError) => ({ container: "a", error });
  const outcomes = [
    failed(new Interrupted("the create")),
    failed(new Interrupted("the create")),
    failed(new PxrunError("TASK_FAILED", "no")),
    { container: "b", skipped: true } as const,
  ];
  assert.equal(
    batchSummary(outcomes, "created", 1_000),
    "0 created, 1 failed, 2 interrupted, 1 not begun in 1.0 s",
  );
});
