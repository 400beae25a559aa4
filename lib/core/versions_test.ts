import assert from "node:assert/strict";
import { isOlder } from "./versions.ts";

Deno.test("isOlder() compares the first two numbers, as numbers", () => {
  assert.deepEqual(["8.3", "7.10.2", "8"].map((one) => isOlder(one, "8.4")), [true, true, true]);
  assert.deepEqual(["8.4", "8.10", "9.0.1"].map((one) => isOlder(one, "8.4")), [
    false,
    false,
    false,
  ]);
});
