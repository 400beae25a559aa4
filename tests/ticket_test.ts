/** What create, destroy, list and provisioning do by token, done by a user's ticket. */
import "./create_test.ts";
import "./destroy_test.ts";
import "./list_test.ts";
import "./provision_test.ts";
import assert from "node:assert/strict";
import { startLab, useLogin } from "./support/simulator.ts";

useLogin("ticket");

Deno.test("these tests log in by a user's ticket", async () => {
  await using lab = await startLab();
  assert.equal((await lab.run(["list"])).status, 0);
  assert.match(lab.simulator.requests.at(-1)?.token ?? "", /^root@pam$/);
});
