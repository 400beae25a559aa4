import assert from "node:assert/strict";
import { fold, shorten, width } from "./width.ts";

Deno.test("width() counts columns, not code units or escape sequences", () => {
  assert.equal(width("äö✓"), 3);
  assert.equal(width("日本😀"), 6);
  assert.equal(width("\x1b[1;31mx\x1b[0m"), 1);
});

Deno.test("shorten() ends what is too long with …, and closes its colour", () => {
  assert.equal(shorten("debian-13", 9), "debian-13");
  assert.equal(shorten("debian-13", 7), "debian…");
  assert.equal(shorten("日本語", 5), "日本…");
  for (let columns = 1; columns < 12; columns++) {
    for (const text of ["データベース", "aデb😀c日d", "\x1b[1m日本語\x1b[22m", "abcdefghijkl"]) {
      assert.ok(width(shorten(text, columns)) <= columns, `${text} in ${columns}`);
    }
  }
  assert.equal(shorten("\x1b[1mdebian\x1b[22m-13", 4), "\x1b[1mdeb…\x1b[22m");
});

Deno.test("fold() breaks lines between words, and indents what continues them", () => {
  assert.equal(
    fold("hint: add --on-failure destroy to remove it at once\n", 24),
    "hint: add --on-failure\ndestroy to remove it at\nonce\n",
  );
  assert.equal(fold("! a warning that is long", 20), "! a warning that is\n  long");
  assert.equal(fold("    a line of a log file", 20), "    a line of a log\n    file");
  const url = "https://login.tailscale.com/admin/settings/keys";
  assert.equal(fold(`see ${url} there`, 30), `see\n${url}\nthere`);
  assert.equal(fold("\x1b[31merror\x1b[39m: 12345 789", 20), "\x1b[31merror\x1b[39m: 12345 789");
});

Deno.test("fold() leaves lines as they are where there is no terminal", () => {
  const text = "a line that is longer than any terminal is wide ".repeat(9);
  assert.equal(fold(text, undefined), text);
});
