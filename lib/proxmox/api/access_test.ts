import assert from "node:assert/strict";
import { scriptedRest } from "../../../tests/support/scripted_rest.ts";
import { permissions } from "./access.ts";

Deno.test("permissions() says for each path and privilege whether it holds below too", async () => {
  const { rest, sent } = scriptedRest([
    { data: { "/": { "Sys.Audit": 1, "VM.Audit": "0" }, "/pool/ci": { "VM.Allocate": 0 } } },
    { data: {} },
  ]);
  assert.deepEqual(await permissions(rest), {
    "/": { "Sys.Audit": true, "VM.Audit": false },
    "/pool/ci": { "VM.Allocate": false },
  });
  assert.deepEqual(await permissions(rest), {});
  assert.equal(sent[0]?.path, "/api2/json/access/permissions");
});
