import assert from "node:assert/strict";
import { join } from "node:path";
import { alone } from "../support/alone.ts";
import { writeProgram } from "../support/program.ts";
import { type Lab, startLab } from "../support/simulator.ts";

const root = join(import.meta.dirname ?? ".", "..", "..");

/** The shell blocks of a Markdown file, in order. */
async function shellBlocks(file: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(root, file));
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");
}

/**
 * Runs shell blocks one after another in an empty directory, with `pxrun` on the PATH.
 *
 * @returns What they printed.
 */
async function runBlocks(lab: Lab, blocks: readonly string[]): Promise<string> {
  let all = "";
  const directory = await Deno.makeTempDir();
  try {
    const program = join(directory, "pxrun");
    const line = `exec '${Deno.execPath()}' run -A --cached-only '${join(root, "main.ts")}' "$@"`;
    await writeProgram(program, `#!/bin/sh\n${line}\n`);
    const { clearEnv, env } = alone({
      ...lab.simulator.env(),
      PATH: `${directory}:${Deno.env.get("PATH")}`,
      NO_COLOR: "1",
      // The reader's own key, as the quickstart makes it.
      HOME: directory,
    });
    for (const block of blocks) {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-euc", block],
        cwd: directory,
        clearEnv,
        env,
        stdin: "null",
      }).output();
      const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.equal(code, 0, `${block}\n${printed}`);
      all += printed;
    }
    return all;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("docs/quickstart.md does what it says, block by block", async () => {
  await using lab = await startLab();
  const blocks = await shellBlocks("docs/quickstart.md");
  assert.ok(blocks.length >= 8);
  const printed = await runBlocks(lab, blocks);
  assert.match(printed, /\n {2}ssh +ssh root@10\.\S+\n[^]*\n {2}next +pxrun shell web-1\n/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("docs/inside.md does what it says, with a container of its recipe", async () => {
  await using lab = await startLab();
  const blocks = await shellBlocks("docs/inside.md");
  assert.ok(blocks.length >= 4);
  const before = `cat >web.yaml <<'END'
container: { hostname: web-1, template: debian-13, tags: [web] }
provisioning: { packages: [nginx] }
END
pxrun create web.yaml --yes
pxrun create web.yaml --yes --hostname web-2
mkdir site && echo hello >site/index.html && echo a=1 >app.conf`;
  await runBlocks(lab, [before, ...blocks]);
});

Deno.test("README.md shows the recipe that its schema accepts and the commands that there are", async () => {
  const text = await Deno.readTextFile(join(root, "README.md"));
  const recipe = /^```yaml\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "";
  const { parseRecipe } = await import("../../lib/recipe/mod.ts");
  assert.equal(parseRecipe(recipe, { file: "README.md", env: {} }).container.hostname, "web-1");
  const named = [...text.matchAll(/`pxrun ([a-z]+)/g)].map((match) => match[1]);
  const { createProgram } = await import("../../lib/cli/app/program.ts");
  const { runCli } = await import("../../lib/cli/app/run.ts");
  const { testPlatform } = await import("../support/platform.ts");
  const known = createProgram(testPlatform(), [], runCli).commands.map((command) => command.name());
  for (const name of named) assert.ok(known.includes(name ?? ""), name);
  for (const name of known) assert.ok(named.includes(name), name);
});

for (const directory of ["docs", "docs/adr"]) {
  Deno.test(`${directory}/README.md lists every page, and none that does not exist`, async () => {
    const text = await Deno.readTextFile(join(root, directory, "README.md"));
    const linked = [...text.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page);
    const pages = await Array.fromAsync(Deno.readDir(join(root, directory)), ({ name }) => name);
    const others = pages.filter((name) => name.endsWith(".md") && name !== "README.md");
    assert.deepEqual(linked.toSorted(), others.toSorted());
  });
}
