import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { anchorsOf, linksOf } from "../../tasks/site/markdown.ts";

const root = join(import.meta.dirname ?? ".", "../..");

async function markdownFiles(): Promise<string[]> {
  const found = ["README.md", "CHANGELOG.md", "sim/README.md", "tests/faults/matrix.md"];
  for (const directory of ["docs", "docs/adr"]) {
    for await (const { name } of Deno.readDir(join(root, directory))) {
      if (name.endsWith(".md")) found.push(`${directory}/${name}`);
    }
  }
  return found;
}

Deno.test("every link of the documentation leads to a file and heading of the project", async () => {
  const broken: string[] = [];
  for (const file of await markdownFiles()) {
    for (const link of linksOf(await Deno.readTextFile(join(root, file)))) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : normalize(join(dirname(file), path));
      const info = await Deno.stat(join(root, target)).catch(() => undefined);
      if (info === undefined) broken.push(`${file}: ${link}`);
      else if (anchor !== undefined) {
        const anchors = anchorsOf(await Deno.readTextFile(join(root, target)));
        if (!anchors.has(anchor)) broken.push(`${file}: ${link}`);
      }
    }
  }
  assert.deepEqual(broken, []);
});
