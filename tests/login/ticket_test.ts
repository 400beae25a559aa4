/** A choice of what is tested by token, by a user's ticket. */
import assert from "node:assert/strict";
import { rerunWith } from "../support/rerun.ts";
import { startLab } from "../support/simulator.ts";

await rerunWith("ticket");

Deno.test("these tests log in by a user's ticket", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(["list"])).status, 0);
  assert.match(lab.simulator.requests.at(-1)?.token ?? "", /^root@pam$/);
});
