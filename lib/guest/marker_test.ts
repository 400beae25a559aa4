import assert from "node:assert/strict";
import { afterMarker } from "./marker.ts";

/** What is passed on of these chunks, and what the marker stands at. */
function read(chunks: readonly string[]): { passed: string; found: boolean; before: string } {
  let passed = "";
  const marked = afterMarker("mark", {
    begun: () => {},
    pass: (bytes) => passed += new TextDecoder().decode(bytes),
  });
  for (const chunk of chunks) marked.take(new TextEncoder().encode(chunk));
  return { passed, found: marked.found, before: marked.before() };
}

Deno.test("afterMarker() passes on all but the marker, however it is cut", () => {
  const text = "warning\nmark\nerr mark\n";
  for (let cut = 0; cut <= text.length; cut++) {
    const { passed, found } = read([text.slice(0, cut), text.slice(cut)]);
    assert.deepEqual([passed, found], ["warning\nerr mark\n", true]);
  }
  assert.equal(read([...text]).passed, "warning\nerr mark\n");
});

Deno.test("afterMarker() keeps what comes without a marker", () => {
  const { passed, found, before } = read(["lxc-attach: 105: no", " mar", "k\r\n"]);
  assert.deepEqual([passed, found, before], ["", false, "lxc-attach: 105: no mark\r\n"]);
});
