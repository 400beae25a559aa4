import assert from "node:assert/strict";
import { readUtf8, wideEncoding } from "./utf8.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

Deno.test("readUtf8() gives the text of UTF-8, without its mark", () => {
  const text = "schön ✓ 😀\n";
  assert.equal(readUtf8(new TextEncoder().encode(text)), text);
  assert.equal(readUtf8(new TextEncoder().encode(`\ufeff${text}`)), text);
  assert.equal(readUtf8(new Uint8Array()), "");
});

Deno.test("readUtf8() says at which place which byte is not UTF-8", () => {
  const cases: readonly [text: string, line: number, column: number, byte: string][] = [
    ["B\xfcro", 1, 2, "FC"],
    ["a: 1\nb: Gr\xfc\xdfe\n", 2, 6, "FC"],
    // Good characters before, a sequence that breaks off, and one at the very end.
    ["\xc3\xbc\xc3\xbc \xc3(", 1, 4, "C3"],
    ["ok\n\xe2\x82", 2, 1, "E2"],
    ["\x80", 1, 1, "80"],
    ["\xed\xa0\x80", 1, 1, "ED"],
  ];
  for (const [text, line, column, byte] of cases) {
    const problem = readUtf8(bytes(text));
    assert.ok(typeof problem !== "string", JSON.stringify(text));
    assert.deepEqual([problem.line, problem.column], [line, column], JSON.stringify(text));
    assert.match(problem.message, new RegExp(`\\b${byte}\\b`));
  }
});

Deno.test("readUtf8() names UTF-16 and UTF-32, with and without their marks", () => {
  const cases: readonly [text: string, name: string][] = [
    ["\xff\xfea\0", "UTF-16"],
    ["\xfe\xff\0a", "UTF-16"],
    ["a\0b\0", "UTF-16"],
    ["\0a\0b", "UTF-16"],
    ["\xff\xfe\0\0a\0\0\0", "UTF-32"],
    ["\0\0\xfe\xff\0\0\0a", "UTF-32"],
  ];
  for (const [text, name] of cases) {
    assert.equal(wideEncoding(bytes(text)), name, JSON.stringify(text));
    const problem = readUtf8(bytes(text));
    assert.ok(typeof problem !== "string");
    assert.ok(problem.message.includes(name));
    assert.deepEqual([problem.line, problem.column], [1, 1]);
  }
});
