import assert from "node:assert/strict";
import { PxrunError } from "../core/errors.ts";
import { errorData } from "./error.ts";

Deno.test("errorData() has what was done all the same", () => {
  for (const key of ["containers", "destroyed", "removed"]) {
    const error = Object.assign(new PxrunError("FAILED", "one is left"), { [key]: [100] });
    assert.deepEqual(errorData(error), {
      error: { code: "FAILED", message: "one is left", hint: undefined },
      [key]: [100],
    });
  }
});
