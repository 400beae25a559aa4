import assert from "node:assert/strict";
import { join } from "node:path";
import { allMentions, mentions } from "../../tasks/check_alone.ts";

// Put together here, since this file is looked at, too.
const up = "..";
const beside = "shared";
const machine = "work";
const root = "/some/where/clone";

Deno.test("mentions() finds what lies beside the clone, and paths of one machine", () => {
  const found: readonly string[] = [
    `const FULL = new URL("${up}/${up}/${beside}/pve/http.jsonl", import.meta.url);`,
    `join(root, "${up}", "${beside}")`,
    `# Exchanges of ${up}/${beside}`,
    `ln -s ${up}\\${beside}`,
    `cat ${beside}/pve/schema.json`,
    `cd /${machine}/main`,
    `url = "file:///${machine}/x.ts"`,
    `the clone is in ${root}`,
  ];
  for (const line of found) assert.equal(mentions("a.ts", `\n${line}\n`, root).length, 1, line);
  assert.match(mentions("docs/a.md", `\n\n/${machine}/x`, root)[0] ?? "", /^docs\/a\.md:3: /);
});

Deno.test("mentions() leaves alone what only looks like it", () => {
  const lines = [
    'shared: fields.flag("shared"),',
    `/home/dev/${machine}/x and ~/${machine}/x and a${"/"}${machine}`,
    `/usr/share/lxc`,
    `${up}/${beside}-libraries is no word of ours`.replace(`${beside}-`, "sharedlib-"),
  ];
  for (const line of lines) assert.deepEqual(mentions("a.ts", line, root), [], line);
  assert.deepEqual(mentions("a.ts", "/a/b", "/a"), [], "a root this short says nothing");
});

Deno.test("allMentions() reads every file of a project, hidden ones and links, but not what is made", async () => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-alone-" });
  try {
    const text = `${up}/${beside}/pve\n`;
    for (const name of [".git", ".ci", "node_modules", "dist", "docs/adr"]) {
      await Deno.mkdir(join(directory, name), { recursive: true });
      await Deno.writeTextFile(join(directory, name, "file"), text);
    }
    await Deno.symlink(`${up}/${beside}`, join(directory, "link"));
    const files = (await allMentions(directory)).map((line) => line.split(":", 2).join(":"));
    assert.deepEqual(files, [".ci/file:1", "docs/adr/file:1", "link:1"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
