import assert from "node:assert/strict";
import { tokenName } from "./draft.ts";

Deno.test("tokenName() takes the flag, else the config's token, else the machine's name", () => {
  assert.equal(tokenName("ci", "pxrun@pve!laptop", "desk"), "ci");
  assert.equal(tokenName(undefined, "pxrun@pve!laptop", "desk"), "laptop");
  assert.equal(tokenName(undefined, "root@pam!mine", "desk.example.org"), "desk");
  assert.equal(tokenName(undefined, undefined, "Anna’s iMac.local"), "Anna-s-iMac");
  assert.equal(tokenName(undefined, undefined, "9"), "pxrun");
  assert.throws(() => tokenName("a b", undefined, "desk"), /--token-name is not the name/);
});
