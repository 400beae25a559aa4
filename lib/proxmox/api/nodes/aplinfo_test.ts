import assert from "node:assert/strict";
import { scriptedRest } from "../../../../tests/support/scripted_rest.ts";
import * as aplinfo from "./aplinfo.ts";

Deno.test("list() reads the index of templates", async () => {
  const entry = {
    template: "debian-13-standard_13.1-2_amd64.tar.zst",
    package: "debian-13-standard",
    version: "13.1-2",
    os: "debian-13",
    section: "system",
    architecture: "amd64",
    headline: "Debian 13 (standard)",
  };
  const { rest, sent } = scriptedRest([{ data: [{ ...entry, md5sum: "x" }] }]);
  assert.deepEqual(await aplinfo.list(rest, "a"), [entry]);
  assert.equal(sent[0]?.path, "/api2/json/nodes/a/aplinfo");
});

Deno.test("download() returns the task's UPID", async () => {
  const { rest, sent } = scriptedRest([{ data: "UPID:vm:x" }]);
  assert.equal(await aplinfo.download(rest, "a", "local", "debian.tar.zst"), "UPID:vm:x");
  assert.equal(sent[0]?.method, "POST");
  assert.equal(sent[0]?.body, "storage=local&template=debian.tar.zst");
});
