/** A choice of what is tested by token, by SSH alone. */
import assert from "node:assert/strict";
import { rerunWith } from "../support/rerun.ts";
import { startLab } from "../support/simulator.ts";

await rerunWith("SSH alone");

Deno.test("these tests log in by SSH alone", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(["list"])).status, 0);
  assert.match(lab.simulator.requests.at(-1)?.token ?? "", /^root@pam!pxrun-/);
});
