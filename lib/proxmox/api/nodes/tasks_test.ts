import assert from "node:assert/strict";
import { scriptedRest } from "../../../../tests/support/scripted_rest.ts";
import { PxrunError } from "../../../core/errors.ts";
import * as tasks from "./tasks.ts";

const UPID = "UPID:pve02:00007DC5:0004FA05:6B039D96:vzcreate:200:root@pam!pxrun:";
const BASE = "/api2/json/nodes/pve02/tasks/" + encodeURIComponent(UPID);

Deno.test("status() asks the node that the UPID names", async () => {
  const { rest, sent } = scriptedRest([
    { data: { upid: UPID, status: "running" } },
    { data: { upid: UPID, status: "stopped", exitstatus: "OK" } },
  ]);
  assert.deepEqual(await tasks.status(rest, UPID), {
    upid: UPID,
    running: true,
    exitstatus: undefined,
  });
  assert.deepEqual(await tasks.status(rest, UPID), {
    upid: UPID,
    running: false,
    exitstatus: "OK",
  });
  assert.equal(sent[0]?.path, `${BASE}/status`);
});

Deno.test("status() refuses a text that is no UPID before it asks anyone", async () => {
  const { rest, sent } = scriptedRest([]);
  await assert.rejects(tasks.status(rest, "UPID:x"), (error) => {
    assert.ok(error instanceof PxrunError);
    assert.equal(error.code, "USAGE");
    return true;
  });
  assert.equal(sent.length, 0);
});

Deno.test("log() asks for all lines, and knows the line of an empty log", async () => {
  const { rest, sent } = scriptedRest([
    { data: [{ n: 1, t: "a" }, { n: 2, t: "" }, { n: 3, t: "TASK OK" }] },
    { data: [{ n: 1, t: "no content" }] },
  ]);
  assert.deepEqual(await tasks.log(rest, UPID), ["a", "", "TASK OK"]);
  assert.deepEqual(await tasks.log(rest, UPID, 3), []);
  assert.deepEqual(sent.map(({ path }) => path), [
    `${BASE}/log?start=0&limit=0`,
    `${BASE}/log?start=3&limit=0`,
  ]);
});

Deno.test("stop() deletes the task", async () => {
  const { rest, sent } = scriptedRest([{ data: null }]);
  await tasks.stop(rest, UPID);
  assert.deepEqual([sent[0]?.method, sent[0]?.path], ["DELETE", BASE]);
});

Deno.test("list() filters, and reads an ended task's status as how it ended", async () => {
  const { rest, sent } = scriptedRest([{
    data: [{
      upid: UPID,
      node: "pve02",
      type: "vzcreate",
      id: "200",
      user: "root@pam",
      starttime: 1,
      endtime: 2,
      status: "OK",
    }],
  }]);
  const [row] = await tasks.list(rest, "pve02", { vmid: 200, errors: true, limit: 5 });
  assert.equal(row?.exitstatus, "OK");
  assert.equal(sent[0]?.path, "/api2/json/nodes/pve02/tasks?vmid=200&errors=1&limit=5");
});
