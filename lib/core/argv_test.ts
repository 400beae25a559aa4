import assert from "node:assert/strict";
import { commandLine, quote } from "./argv.ts";

const hostile = [
  "",
  " ",
  "a b",
  "it's",
  "$(id)",
  "`id`",
  "${HOME}",
  "a\nb",
  "\\",
  "\\'",
  "*",
  "~",
  "-rf",
  "#x",
  "!x",
  "a;b|c&d<e>f",
  "äöü …",
  '"',
  "'''",
  "a=b",
  "\t",
];

Deno.test("quote() leaves plain words alone", () => {
  assert.equal(quote("lxc-attach"), "lxc-attach");
  assert.equal(quote("/etc/app.conf"), "/etc/app.conf");
});

Deno.test("quote() refuses a NUL byte, which no argv can hold", () => {
  assert.throws(() => quote("a\0b"), TypeError);
});

Deno.test("commandLine() survives a real shell for every hostile word", async () => {
  for (const shell of ["sh", "bash"]) {
    const script = `printf '%s\\0' ${commandLine(hostile)}`;
    const { stdout, success } = await new Deno.Command(shell, { args: ["-c", script] }).output();
    assert.ok(success);
    const words = new TextDecoder().decode(stdout).split("\0").slice(0, -1);
    assert.deepEqual(words, hostile);
  }
});
