import assert from "node:assert/strict";
import { editDistance, nearest } from "./nearest.ts";

Deno.test("editDistance() counts added, dropped, changed and swapped letters", () => {
  const cases: [string, string, number][] = [
    ["", "", 0],
    ["", "abc", 3],
    ["cores", "cores", 0],
    ["coers", "cores", 1],
    ["core", "cores", 1],
    ["coresx", "cores", 1],
    ["cares", "cores", 1],
    ["kitten", "sitting", 3],
  ];
  for (const [a, b, distance] of cases) {
    assert.equal(editDistance(a, b), distance, `${a} → ${b}`);
    assert.equal(editDistance(b, a), distance, `${b} → ${a}`);
  }
});

Deno.test("nearest() finds what was meant, whatever the case and the separator", () => {
  const keys = ["cores", "memory", "storage", "storage_pool", "mount_points"];
  assert.equal(nearest("coers", keys), "cores");
  assert.equal(nearest("Memory", keys), "memory");
  assert.equal(nearest("storagePool", keys), "storage_pool");
  assert.equal(nearest("mount-point", keys), "mount_points");
});

Deno.test("nearest() suggests nothing when no candidate is near", () => {
  assert.equal(nearest("cores", []), undefined);
  assert.equal(nearest("xyz", ["cores", "memory"]), undefined);
  assert.equal(nearest("", ["a"]), undefined);
  assert.equal(nearest("x".repeat(10_000), ["x"]), undefined);
});
