import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import deno from "../../deno.json" with { type: "json" };
import { alone } from "../support/alone.ts";
import { filesOf, serve } from "./served.ts";

const root = join(import.meta.dirname ?? ".", "../..");

/** A user's script; it must not pass the check of types if these are not there. */
const script = (module: string, simulator: string) => `
import * as pxrun from "${module}";
import { startSimulator } from "${simulator}";

await using simulator = await startSimulator();
const platform = { ...pxrun.denoPlatform(), env: simulator.env() };
await using cluster = await pxrun.connect(platform);
const recipe = pxrun.parseRecipe({ container: { hostname: "web-1", template: "debian-13" } });
const plan = await pxrun.plan(cluster, recipe);
const { vmid } = await pxrun.create(cluster, plan, { recipe });
// @ts-expect-error the rows are no text
const text: string = await pxrun.list(cluster);
console.log(vmid, Array.from(text as unknown as pxrun.ContainerRow[], ({ hostname }) => hostname));
`;

/** Checks and runs it in a directory of its own, with nothing in the cache but npm's packages. */
async function run(module: string, simulator: string, env: Record<string, string>) {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-module-test-" });
  try {
    await Deno.mkdir(join(directory, "deno"));
    const { env: usual, clearEnv } = alone({ NO_COLOR: "1", ...env });
    const packages = join(usual["DENO_DIR"] ?? "", "npm");
    await Deno.mkdir(packages, { recursive: true });
    await Deno.symlink(packages, join(directory, "deno/npm"));
    await Deno.writeTextFile(join(directory, "script.ts"), script(module, simulator));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--check", "script.ts"],
      cwd: directory,
      clearEnv,
      env: { ...usual, DENO_DIR: join(directory, "deno") },
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout), '100 [ "web-1" ]\n');
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Files that `deno publish` takes, from the root of the project. */
async function published(): Promise<string[]> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty"],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  const files = said.matchAll(/^\s+file:\/\/\S*?\/(\S+) \([\d.]+K?M?B\)$/gm);
  const base = new URL(`file://${root}/`).pathname.slice(1);
  return Array.from(files, ([line]) => {
    const path = new URL(line.trim().split(" ")[0] ?? "").pathname.slice(1);
    return path.slice(base.length);
  });
}

/** What the registry answers for a package with these files. */
async function registry(files: readonly string[]) {
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const file of files) {
    const bytes = await Deno.readFile(join(root, file));
    const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
    manifest[`/${file}`] = { size: bytes.length, checksum };
  }
  const versions = { [deno.version]: {} };
  const replies: Record<string, unknown> = {
    [`${deno.name}/meta.json`]: { scope: "pxrun", name: "pxrun", latest: deno.version, versions },
    [`${deno.name}/${deno.version}_meta.json`]: { manifest, exports: deno.exports },
  };
  const read = filesOf(root);
  const directory = `${deno.name}/${deno.version}/`;
  return (path: string): Promise<string | undefined> => {
    const reply = replies[path];
    if (reply !== undefined) return Promise.resolve(JSON.stringify(reply));
    const file = path.startsWith(directory) ? path.slice(directory.length) : "";
    return files.includes(file) ? read(file) : Promise.resolve(undefined);
  };
}

Deno.test("mod.ts and sim/mod.ts are imported by URL, with types and without an import map", async () => {
  await using files = serve(filesOf(root));
  await run(`${files.origin}/mod.ts`, `${files.origin}/sim/mod.ts`, {});
  assert.ok(!files.paths.includes("deps/esbuild.ts"));
});

Deno.test("the module is imported from JSR, which gets no tests and nothing that it does not use", async () => {
  const files = await published();
  for (const file of ["mod.ts", "sim/mod.ts", "deno.json", "LICENSE"]) {
    assert.ok(files.includes(file), file);
  }
  assert.deepEqual(files.filter((file) => /_test\.ts$|(^|\/)tests\/|^tasks\//.test(file)), []);
  const code = await Promise.all(
    files.filter((file) => /^(?:lib|sim)\/.*\.ts$/.test(file)).map((file) =>
      Deno.readTextFile(join(root, file))
    ),
  );
  for (const file of files.filter((file) => file.startsWith("deps/"))) {
    assert.ok(code.some((text) => text.includes(`/${file}"`)), `nothing published needs ${file}`);
  }
  await using served = serve(await registry(files));
  const name = `jsr:${deno.name}@${deno.version}`;
  await run(name, `${name}/sim`, { JSR_URL: `${served.origin}/` });
  assert.ok(served.paths.includes(`${deno.name}/${deno.version}/mod.ts`));
});
