import assert from "node:assert/strict";
import { join } from "node:path";
import { createProgram } from "../../lib/cli/app/program.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { commandReference } from "../../tasks/site/commands.ts";
import { readPages, sidebarOf, withLinks } from "../../tasks/site/pages.ts";
import { testPlatform } from "../support/platform.ts";

const root = join(import.meta.dirname ?? ".", "../..");

Deno.test("withLinks() leads to pages, to recipes on one page, and else to the repository", () => {
  const pages = new Set(["docs/a.md", "docs/b.md", "README.md", "examples/index.md"]);
  const linked = (text: string): string => withLinks("docs/a.md", text, pages);
  assert.equal(linked("[b](b.md#x)"), "[b](./b.md#x)");
  assert.equal(linked("[r](../README.md)"), "[r](../README.md)");
  assert.equal(linked("[e](../examples)"), "[e](../examples/index.md)");
  assert.equal(linked("[w](../examples/web.yaml)"), "[w](../examples/index.md#web-yaml)");
  assert.match(linked("[l](../LICENSE)"), /\(https:\/\/github\.com\/.*\/blob\/main\/LICENSE\)$/);
  assert.equal(linked("[o](https://a.example) [h](#x)"), "[o](https://a.example) [h](#x)");
});

Deno.test("commandReference() has every command of the tree, with its options and examples", () => {
  const text = commandReference();
  const program = createProgram(testPlatform(), [], runCli);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
    const parent = command.parent?.parent ? `${command.parent.name()} ` : "";
    assert.match(text, new RegExp(`^#{3,4} pxrun ${parent}${command.name()}$`, "m"));
    for (const { flags, hidden } of command.options) {
      assert.ok(hidden || text.includes(`\`${flags.replaceAll("|", "\\|")}\``), flags);
    }
  }
  assert.match(text, /^pxrun list --ips /m);
  assert.match(text, /^## Global options$/m);
});

Deno.test("sidebarOf() follows the index of the documentation, and leads to pages", async () => {
  const pages = await readPages(root);
  const sections = sidebarOf(pages);
  const links = sections.flatMap(({ items }) => items ?? []).map(({ link = "" }) => link);
  assert.deepEqual(links.slice(0, 3), ["/README", "/docs/install", "/docs/quickstart"]);
  const known = new Set(pages.map(({ path }) => `/${path.replace(/(index)?\.md$/, "")}`));
  assert.deepEqual(links.filter((link) => !known.has(link)), []);
  assert.ok(links.includes("/docs/commands"));
  assert.ok(pages.find(({ path }) => path === "index.md")?.text.includes("docs/demo.svg"));
});
