import assert from "node:assert/strict";
import { style } from "./style.ts";

Deno.test("style() colors plain text only: the colors of others are not ours", () => {
  assert.equal(style(true).red("a\x1b[32mb\n"), "\x1b[31ma\\u001b[32mb\n\x1b[39m");
  assert.equal(style(false).bold("a\u202e"), "a\\u202e");
});
