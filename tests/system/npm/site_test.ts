import assert from "node:assert/strict";
import { join } from "node:path";
import { buildSite } from "../../../tasks/site/site.ts";

Deno.test("the documentation is built as a site without a broken link", async () => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-site-test-" });
  try {
    const site = join(directory, "site");
    const { pages, links, broken } = await buildSite(site);
    assert.deepEqual(broken, []);
    assert.ok(pages > 25, `${pages} pages`);
    assert.ok(links > 500, `${links} links`);
    const first = await Deno.readTextFile(join(site, "index.html"));
    assert.match(first, /<img[^>]+src="\/assets\/demo\.[^"]+\.svg"/);
    // The index of the search is a script of its own.
    const scripts = await Array.fromAsync(Deno.readDir(join(site, "assets/chunks")));
    assert.ok(scripts.some(({ name }) => name.startsWith("@localSearchIndex")));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
