import assert from "node:assert/strict";
import { scriptedRest } from "../../../tests/support/scripted_rest.ts";
import { ProxmoxError } from "../http/errors.ts";
import { get } from "./version.ts";

Deno.test("get() reads which Proxmox VE answers", async () => {
  const version = { version: "9.2.11", release: "9.2", repoid: "14a22df35955d97d" };
  const { rest, sent } = scriptedRest([{ data: { ...version, console: "html5" } }]);
  assert.deepEqual(await get(rest), version);
  assert.equal(sent[0]?.path, "/api2/json/version");
});

Deno.test("get() refuses what is not Proxmox", async () => {
  const { rest } = scriptedRest([{ data: { name: "something else" } }]);
  await assert.rejects(get(rest), ProxmoxError);
});
