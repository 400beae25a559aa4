import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
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
    "red\ttab]0;title2J",
  ]);
});

Deno.test("lineReader() gives out a line without end in parts", () => {
  const found = lines(["x".repeat(10_000)]);
  assert.deepEqual(found.map((line) => line.length), [4096, 4096, 1808]);
});
