import assert from "node:assert/strict";
import { afterMarker, afterMarkers, announce } from "./marker.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (chunk: Uint8Array): string => new TextDecoder().decode(chunk);

/** What is passed on of these chunks, and what came before. */
function read(chunks: readonly string[]): { passed: string; found: boolean; before: string } {
  let passed = "";
  const marked = afterMarker("mark:", { pass: (chunk) => passed += text(chunk) });
  for (const chunk of chunks) marked.take(bytes(chunk));
  return { passed, found: marked.found, before: marked.before() };
}

Deno.test("afterMarker() passes on what follows the marker and nothing else, however it is cut", () => {
  const whole = "welcome\nmarmark:out mark:\n";
  for (let cut = 0; cut <= whole.length; cut++) {
    const { passed, found } = read([whole.slice(0, cut), whole.slice(cut)]);
    assert.deepEqual([passed, found], ["out mark:\n", true]);
  }
  assert.equal(read([...whole]).passed, "out mark:\n");
});

Deno.test("afterMarker() keeps the end of what comes without a marker, and no more", () => {
  const { passed, found, before } = read(["lxc-attach: 105: no", " mar", "k\r\n"]);
  assert.deepEqual([passed, found, before], ["", false, "lxc-attach: 105: no mark\r\n"]);
  const long = read([
    ...Array.from({ length: 1000 }, () => "x".repeat(1000)),
    "end",
    "mar",
    "k:it",
  ]);
  assert.deepEqual([long.passed, long.found], ["it", true]);
  const noise = read([...Array.from({ length: 1000 }, () => "x".repeat(1000)), "end"]).before;
  assert.ok(noise.endsWith("xend") && noise.length < 20_000);
});

Deno.test("afterMarkers() drops what each stream has before its own marker, binary too", () => {
  const streams = afterMarkers("id", {});
  streams.onStdout(new Uint8Array([0, 255, 10]));
  streams.onStderr(bytes("Welcome"));
  assert.equal(streams.begun, false);
  streams.onStderr(bytes("pxrun-err:id:err"));
  streams.onStdout(bytes("pxrun-out:id:"));
  streams.onStdout(new Uint8Array([0, 255]));
  assert.equal(streams.begun, true);
  assert.deepEqual([[...streams.stdout], text(streams.stderr)], [[0, 255], "err"]);
});

Deno.test("afterMarkers() takes no marker for output where both streams were made one", () => {
  const streams = afterMarkers("id", {});
  streams.onStdout(bytes("Welcome\npxrun-err:id:pxrun-out:id:out"));
  assert.deepEqual([text(streams.stdout), text(streams.stderr)], ["out", ""]);
});

Deno.test("announce() holds no marker that a shell which prints its commands would print", () => {
  const streams = afterMarkers("1234", {});
  streams.onStdout(bytes(`+ sh -c '${announce('"$0"')}' 1234\n${announce("1234")}`));
  assert.equal(streams.begun, false);
});
