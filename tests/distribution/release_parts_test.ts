import assert from "node:assert/strict";
import { ROOT_HELP } from "../../lib/cli/app/help/root_help.ts";
import { formula } from "../../tasks/release/installers.ts";
import { manPages } from "../../tasks/release/man.ts";
import { versionProblems } from "../../tasks/release/version.ts";

Deno.test("versionProblems() compares deno.json, the tag and the changelog's first heading", () => {
  const changelog = "# Changelog\n\nText.\n\n## 1.2.3 (2026-01-01)\n\n## 1.2.2\n";
  const problems = (version: string, tag?: string): string[] =>
    versionProblems({ version, tag, changelog });
  assert.deepEqual(problems("1.2.3"), []);
  assert.deepEqual(problems("1.2.3", "v1.2.3"), []);
  assert.match(problems("1.2.3", "v1.2.4").join("\n"), /^the tag is v1\.2\.4, .*v1\.2\.3$/);
  assert.match(problems("1.2.2").join("\n"), /^CHANGELOG\.md: .*"1\.2\.3 .*should be of 1\.2\.2$/);
  assert.match(problems("1.2").join("\n"), /^deno\.json: "1\.2" is not a version$/m);
  const unreleased = "# Changelog\n\n## Unreleased\n";
  assert.equal(
    versionProblems({ version: "1.2.3", tag: undefined, changelog: unreleased }).length,
    1,
  );
});

Deno.test("manPages() has a page for every command, in what roff takes for text", () => {
  const pages = manPages("1.2.3");
  const commands = ROOT_HELP.flatMap((section) =>
    "items" in section && section.heading !== "Options:" && section.heading !== "Examples:"
      ? section.items.map(([name]) => `pxrun-${name}.1`)
      : []
  );
  assert.ok(commands.length > 15);
  for (const name of ["pxrun.1", "pxrun-config-set.1", ...commands]) {
    assert.ok(pages.has(name), name);
  }
  for (const [name, text] of pages) {
    for (const line of text.split("\n")) {
      if (/^[.']/.test(line)) {
        assert.match(line, /^\.(?:TH|SH|TP|PP|B|nf|fi)\b/, `${name}: ${line}`);
      }
      assert.doesNotMatch(line, /\\(?![-e&])/, `${name}: ${line}`);
    }
  }
  const create = pages.get("pxrun-create.1") ?? "";
  assert.match(create, /^\.TH PXRUN-CREATE 1 "" "pxrun 1\.2\.3"/);
  assert.match(create, /\.B \\-\\-hostname <name>\ncontainer hostname/);
  assert.match(create, /\.SH EXAMPLES\n\.nf\n +pxrun create/);
});

Deno.test("formula() names each binary with its sum, and there is none while one is missing", () => {
  const triples = ["x86_64-apple-darwin", "aarch64-apple-darwin", "aarch64-unknown-linux-gnu"];
  const sums = new Map(
    triples.map((triple, i) => [`pxrun-1.2.3-${triple}`, String(i).repeat(64)]),
  );
  assert.equal(formula("1.2.3", sums), undefined);
  sums.set("pxrun-1.2.3-x86_64-unknown-linux-gnu", "f".repeat(64));
  const text = formula("1.2.3", sums) ?? "";
  for (const [name, sum] of sums) {
    assert.match(text, new RegExp(`/v1\\.2\\.3/${name}", using: :nounzip\n +sha256 "${sum}"`));
  }
  assert.equal(text.match(/^\s*(?:on_\w+ do|def |test do|class )/gm)?.length, 9);
  assert.equal(text.match(/^\s*end$/gm)?.length, 9);
});
