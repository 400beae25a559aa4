import assert from "node:assert/strict";
import { bytes, duration, uptime } from "./units.ts";

Deno.test("duration() gets coarser as it grows", () => {
  assert.deepEqual([0, 449, 9_940, 12_400, 59_600, 125_000].map(duration), [
    "0.0 s",
    "0.4 s",
    "9.9 s",
    "12 s",
    "1 min 00 s",
    "2 min 05 s",
  ]);
});

Deno.test("bytes() speaks binary units", () => {
  assert.deepEqual([0, 1023, 1024, 1536, 2 ** 29, 8.5 * 2 ** 30, 2 ** 40 * 20].map(bytes), [
    "0 B",
    "1023 B",
    "1 KiB",
    "1.5 KiB",
    "512 MiB",
    "8.5 GiB",
    "20 TiB",
  ]);
});

Deno.test("uptime() shows the two largest units", () => {
  assert.deepEqual([5, 90, 7_800, 200_000].map(uptime), ["5 s", "1 min", "2 h 10 min", "2 d 7 h"]);
});
