import assert from "node:assert/strict";
import { PxrunError } from "../../core/errors.ts";
import { describeTask, parseUpid } from "./upid.ts";

Deno.test("parseUpid() takes a task's identifier apart", () => {
  assert.deepEqual(
    parseUpid("UPID:pve-01.a:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam!pxrun:"),
    {
      node: "pve-01.a",
      pid: 0x7dc5,
      starttime: 0x6b039d96,
      type: "vzcreate",
      id: "200",
      user: "root@pam!pxrun",
    },
  );
  assert.equal(parseUpid("UPID:vm:00007DC5:100000000:6B039D96:aptupdate::root@pam:").id, "");
});

Deno.test("parseUpid() refuses what is none", () => {
  const texts = [
    "",
    "garbage",
    "UPID:vm:1:2:3:vzcreate:200:root@pam:",
    "UPID:vm:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam",
    "UPID:vm:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam: ",
    "UPID:a/../b:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam:",
  ];
  for (const text of texts) {
    assert.throws(
      () => parseUpid(text),
      (error) => error instanceof PxrunError && error.code === "USAGE",
      text,
    );
  }
});

Deno.test("describeTask() says what runs where", () => {
  assert.equal(
    describeTask("UPID:vm:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam:"),
    "task vzcreate 200 on vm",
  );
  assert.equal(
    describeTask("UPID:vm:00007DC5:0004FA05:6B039D96:aptupdate::root@pam:"),
    "task aptupdate on vm",
  );
});
