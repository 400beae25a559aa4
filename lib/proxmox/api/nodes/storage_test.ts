import assert from "node:assert/strict";
import { scriptedRest } from "../../../../tests/support/scripted_rest.ts";
import * as storage from "./storage.ts";

Deno.test("list() filters by content and reads sizes in bytes", async () => {
  const { rest, sent } = scriptedRest([
    {
      data: [
        {
          storage: "local-lvm",
          type: "lvmthin",
          content: "images,rootdir",
          active: 1,
          enabled: "1",
          shared: 0,
          total: 100,
          used: "40",
          avail: 60,
        },
        { storage: "off", type: "nfs", content: "rootdir", active: 0, enabled: 1 },
      ],
    },
    { data: [] },
  ]);
  assert.deepEqual(await storage.list(rest, "a", { content: "rootdir", enabled: true }), [
    {
      storage: "local-lvm",
      type: "lvmthin",
      content: ["images", "rootdir"],
      active: true,
      enabled: true,
      shared: false,
      total: 100,
      used: 40,
      avail: 60,
    },
    {
      storage: "off",
      type: "nfs",
      content: ["rootdir"],
      active: false,
      enabled: true,
      shared: false,
      total: undefined,
      used: undefined,
      avail: undefined,
    },
  ]);
  assert.deepEqual(await storage.list(rest, "a"), []);
  assert.deepEqual(sent.map(({ path }) => path), [
    "/api2/json/nodes/a/storage?content=rootdir&enabled=1",
    "/api2/json/nodes/a/storage",
  ]);
});

Deno.test("content() reads templates and volumes", async () => {
  const volid = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
  const { rest, sent } = scriptedRest([
    { data: [{ volid, content: "vztmpl", format: "tzst", size: "5", ctime: 1 }] },
    { data: [{ volid: "l:vm-5-disk-0", content: "rootdir", format: "raw", vmid: "5" }] },
  ]);
  assert.deepEqual(await storage.content(rest, "a", "local", "vztmpl"), [
    { volid, content: "vztmpl", format: "tzst", size: 5, vmid: undefined },
  ]);
  assert.deepEqual(await storage.content(rest, "a", "l"), [
    { volid: "l:vm-5-disk-0", content: "rootdir", format: "raw", size: undefined, vmid: 5 },
  ]);
  assert.deepEqual(sent.map(({ path }) => path), [
    "/api2/json/nodes/a/storage/local/content?content=vztmpl",
    "/api2/json/nodes/a/storage/l/content",
  ]);
});

Deno.test("deleteContent() names the volume by its storage and its volid", async () => {
  const { rest, sent } = scriptedRest([{ data: "UPID:vm:x" }]);
  assert.equal(await storage.deleteContent(rest, "a", "local:vztmpl/x y.tar"), "UPID:vm:x");
  assert.equal(sent[0]?.method, "DELETE");
  assert.equal(sent[0]?.path, "/api2/json/nodes/a/storage/local/content/local%3Avztmpl/x%20y.tar");
});
