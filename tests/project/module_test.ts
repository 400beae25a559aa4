import assert from "node:assert/strict";
import { join } from "node:path";
import { alone } from "../support/alone.ts";

const root = new URL("../../", import.meta.url);

Deno.test("mod.ts runs and checks in a directory of its own as README.md has it", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const section = readme.slice(readme.indexOf("## As a module"));
  const [, config = ""] = /^```json\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const [, script = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const directory = await Deno.makeTempDir({ prefix: "pxrun-module-" });
  try {
    await Deno.writeTextFile(
      join(directory, "deno.json"),
      config.replace("file:///path/to/pxrun/", root.href),
    );
    await Deno.writeTextFile(join(directory, "script.ts"), script);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--check", "script.ts"],
      cwd: directory,
      ...alone({ NO_COLOR: "1" }),
      stdin: "null",
    }).output();
    // There is no cluster: it gets as far as asking for one.
    assert.equal(code, 1);
    assert.match(new TextDecoder().decode(stderr), /PxrunError: cannot connect to Proxmox/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
