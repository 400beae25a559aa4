import assert from "node:assert/strict";
import { anchorOf, anchorsOf, linksOf } from "../../tasks/site/markdown.ts";

Deno.test("anchorOf() is the anchor that GitHub gives a heading", () => {
  assert.equal(anchorOf("`provisioning.tailscale`".replaceAll("`", "")), "provisioningtailscale");
  assert.equal(anchorOf("Try it: two commands"), "try-it-two-commands");
  assert.equal(anchorOf("What's [new](x.md)?"), "whats-new");
});

Deno.test("anchorsOf() numbers equal headings, and finds none in code", () => {
  const text = "# A\n\n## B\n\n```sh\n# no heading\n```\n\n## B\n\n### `a.b`\n";
  assert.deepEqual([...anchorsOf(text)], ["a", "b", "b-1", "ab"]);
});

Deno.test("linksOf() finds the links that stay within the project, and none in code", () => {
  const text = "[a](a.md#b) ![i](demo.svg) [out](https://a.example) `[c](c.md)`\n\n" +
    "```md\n[d](d.md)\n```\n";
  assert.deepEqual(linksOf(text), ["a.md#b", "demo.svg"]);
});
