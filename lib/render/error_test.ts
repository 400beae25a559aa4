import assert from "node:assert/strict";
import { Interrupted, PxrunError } from "../core/errors.ts";
import { BatchFailed } from "../run/batch.ts";
import { errorData } from "./error.ts";

Deno.test("errorData() has what came of each container of a batch", () => {
  const error = new PxrunError("LOCKED", "b is locked", { hint: "wait" });
  const outcomes = [
    { container: "a", result: { vmid: 100 } },
    { container: "b", error },
    { container: "c", skipped: true as const },
  ];
  const containers = [{ vmid: 100 }, { hostname: "b", ...errorData(error) }, {
    hostname: "c",
    skipped: true,
  }];
  const remedies = [{ kind: "see-containers" }];
  assert.deepEqual(errorData(new BatchFailed(outcomes)), {
    error: {
      code: "LOCKED",
      message: "2 of 3 did not succeed: b, c",
      hint: "see the messages above",
      remedies,
    },
    containers,
  });
  assert.deepEqual(errorData(new BatchFailed(outcomes, "the create")), {
    error: {
      code: "INTERRUPTED",
      message: new Interrupted("the create").message,
      hint: "see the messages above",
      remedies,
    },
    containers,
  });
});
