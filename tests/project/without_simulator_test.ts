import assert from "node:assert/strict";
import { join } from "node:path";
import { alone } from "../support/alone.ts";

const root = join(import.meta.dirname ?? ".", "..", "..");

/** Copies the program, but not the simulator. */
async function copyProgram(to: string): Promise<void> {
  for (const file of ["main.ts", "deno.json", "deno.lock"]) {
    await Deno.copyFile(join(root, file), join(to, file));
  }
  for (const directory of ["deps", "lib"]) {
    await copyDirectory(join(root, directory), join(to, directory));
  }
}

async function copyDirectory(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyDirectory(join(from, name), join(to, name));
    else if (!name.endsWith("_test.ts")) await Deno.copyFile(join(from, name), join(to, name));
  }
}

async function run(directory: string, args: readonly string[]): Promise<[number, string]> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", "--cached-only", join(directory, "main.ts"), ...args],
    stdin: "null",
    ...alone({
      PROXMOX_HOST: "127.0.0.1:1",
      PROXMOX_TOKEN_ID: "a@pve!b1",
      PROXMOX_TOKEN_SECRET: "c",
      NO_COLOR: "1",
    }),
  }).output();
  return [code, new TextDecoder().decode(stderr)];
}

Deno.test("no command but demo and simulator loads the simulator", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await copyProgram(directory);
    const recipe = join(root, "examples/minimal.yaml");
    const expected: readonly (readonly [status: number, ...args: string[]])[] = [
      [0, "--help"],
      [0, "validate", recipe],
      [0, "schema"],
      [5, "list"],
      [5, "create", recipe, "--yes"],
      [5, "destroy", "web-1", "--yes"],
    ];
    for (const [status, ...args] of expected) {
      const [code, stderr] = await run(directory, args);
      assert.equal(code, status, `${args.join(" ")}: ${stderr}`);
    }
    for (const command of ["demo", "simulator"]) {
      const [code, stderr] = await run(directory, [command]);
      assert.equal(code, 1);
      assert.match(stderr, /\/sim\/mod\.ts/);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
