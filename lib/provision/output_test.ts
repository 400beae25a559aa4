import assert from "node:assert/strict";
import { Secret } from "../core/secret.ts";
import { lineReader } from "./output.ts";

function lines(chunks: readonly (string | Uint8Array)[], secrets: Secret[] = []): string[] {
  const found: string[] = [];
  const reader = lineReader(secrets, (line) => found.push(line));
  for (const chunk of chunks) {
    reader.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  }
  reader.end();
  return found;
}

Deno.test("lineReader() puts chunks together to lines", () => {
  assert.deepEqual(lines(["a", "b\nc", "\n\nd"]), ["ab", "c", "", "d"]);
  assert.deepEqual(lines(["a\n"]), ["a"]);
  assert.deepEqual(lines([]), []);
});

Deno.test("lineReader() keeps characters whole that are split", () => {
  const bytes = new TextEncoder().encode("ü漢🎉\n");
  assert.deepEqual(lines([...bytes].map((byte) => Uint8Array.of(byte))), ["ü漢🎉"]);
  assert.deepEqual(lines([Uint8Array.of(0x61, 0xff, 0x0a)]), ["a\ufffd"]);
});

Deno.test("lineReader() hides a secret that is split over chunks and lines", () => {
  const secret = new Secret("top\nsecret-line");
  assert.deepEqual(lines(["to", "p\nsec", "ret-line!\n"], [secret]), ["••••!"]);
  assert.deepEqual(lines(["see: secret-", "line"], [secret]), ["see: ••••"]);
});

Deno.test("lineReader() shows what a terminal would show in the end, and steers none", () => {
  assert.deepEqual(lines(["10%\r50%\r100%\r\n"]), ["100%"]);
  assert.deepEqual(lines(["\x1b[31mred\x1b[0m\ttab\x07\x1b]0;title\x07\x9b2J\n"]), [
    "red\ttab",
  ]);
});

Deno.test("lineReader() gives out a line without end in parts", () => {
  const found = lines(["x".repeat(10_000)]);
  assert.deepEqual(found.map((line) => line.length), [4096, 4096, 1808]);
});

Deno.test("lineReader() finds a secret that is whole only without what is invisible", () => {
  const secret = new Secret("correct-horse-battery");
  const between = [
    "\x1b[01;31m\x1b[K",
    "\x1b]8;;https://a.example\x1b\\",
    "\x1b]0;title\x07",
    "\x1b(B",
    "\x9b1m",
    "\0",
    "\x07",
    "x\b",
    "\u200b\u202e\u{e0041}",
  ];
  for (const hidden of between) {
    const text = `is correct-ho${hidden}rse-battery!\n`;
    for (const size of [1, 3, text.length]) {
      const chunks = text.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [];
      assert.deepEqual(lines(chunks, [secret]), ["is ••••!"], JSON.stringify(hidden));
    }
  }
});

Deno.test("lineReader() gives a line out before the next one comes, unless a secret may be in it", () => {
  const found: string[] = [];
  const reader = lineReader([new Secret("correct-horse-battery")], (line) => found.push(line));
  reader.push(new TextEncoder().encode("Get:1 https://deb.example/c\n"));
  assert.deepEqual(found, ["Get:1 https://deb.example/c"]);
  reader.push(new TextEncoder().encode("correct-horse\n"));
  assert.equal(found.length, 1);
  reader.push(new TextEncoder().encode("and no more\n"));
  assert.deepEqual(found.slice(1), ["correct-horse", "and no more"]);
});

Deno.test("lineReader() shows of a line what a terminal would: backspaces take away", () => {
  assert.deepEqual(lines(["10%\b\b\b20%\n", "a", "\bb\n", "\b\bc\n"]), ["20%", "b", "c"]);
  assert.deepEqual(lines(["a\x1b]no end\nb\x1b[31"]), ["ano end", "b31"]);
});
