import assert from "node:assert/strict";
import { scriptedRest } from "../../../tests/support/scripted_rest.ts";
import { list } from "./pools.ts";

Deno.test("list() reads the pools that the token may see", async () => {
  const { rest, sent } = scriptedRest([{
    data: [{ poolid: "ci", comment: "x" }, { poolid: "d" }],
  }]);
  assert.deepEqual(await list(rest), [
    { poolid: "ci", comment: "x" },
    { poolid: "d", comment: undefined },
  ]);
  assert.equal(sent[0]?.path, "/api2/json/pools");
});
