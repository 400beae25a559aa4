import assert from "node:assert/strict";
import { freeGids, readGroups } from "./guest_groups.ts";

Deno.test("readGroups() reads what /etc/group says, and passes over what it cannot read", () => {
  const groups = readGroups("root:x:0:\nvideo:x:44:dev\nbroken\n+nis\n");
  assert.deepEqual([...groups], [["root", 0], ["video", 44]]);
});

Deno.test("freeGids() gives each missing group a gid of its own that nobody has", () => {
  const taken = new Map([["video", 44], ["kvm", 989], ["sgx", 987]]);
  assert.deepEqual([...freeGids(["render", "video", "input", "render"], taken)], [
    ["render", 988],
    ["input", 986],
  ]);
  assert.equal(freeGids(["video"], taken).size, 0);
});
