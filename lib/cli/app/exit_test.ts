import assert from "node:assert/strict";
import { Interrupted, PxrunError } from "../../core/errors.ts";
import { BatchFailed } from "../../run/batch.ts";
import { exitStatus } from "./exit.ts";

Deno.test("exitStatus() is 1 for failures of a batch, whatever their kind, and 130 interrupted", () => {
  const error = new PxrunError("UNREACHABLE", "no reply from pve01:8006");
  assert.equal(exitStatus(error), 5);
  const outcomes = [{ container: "web-1", error }, { container: "web-2", error }];
  assert.equal(exitStatus(new BatchFailed(outcomes)), 1);
  assert.equal(exitStatus(new BatchFailed(outcomes, "the create")), 130);
  assert.equal(exitStatus(new Interrupted("the create")), 130);
  assert.equal(exitStatus(new Error("not ours")), 1);
});
