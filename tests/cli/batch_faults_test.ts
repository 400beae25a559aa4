import assert from "node:assert/strict";
import { unaccounted } from "../../tasks/bench/batch.ts";

for (const every of [100, 9]) {
  Deno.test(`create of 50 loses none and makes none twice when one request in ${every} fails`, async () => {
    assert.deepEqual(await unaccounted({}, every), []);
  });
}
