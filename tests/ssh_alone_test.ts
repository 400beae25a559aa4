/** What create, destroy, list and provisioning do by token, also on bad links, done by SSH alone. */
import "./create_test.ts";
import "./destroy_test.ts";
import "./list_test.ts";
import "./lost_test.ts";
import "./provision_test.ts";
import assert from "node:assert/strict";
import { startLab, useLogin } from "./support/simulator.ts";

useLogin("SSH alone");

Deno.test("these tests log in by SSH alone", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(["list"])).status, 0);
  assert.match(lab.simulator.requests.at(-1)?.token ?? "", /^root@pam!pxrun-/);
});
