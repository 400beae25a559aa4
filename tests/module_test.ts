import assert from "node:assert/strict";
import { join } from "node:path";
import { alone } from "./support/alone.ts";

const root = new URL("../", import.meta.url);

Deno.test("mod.ts runs and checks in a folder of its own as README.md has it", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const section = readme.slice(readme.indexOf("## As a module"));
  const [, config = ""] = /^```json\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const [, script = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const folder = await Deno.makeTempDir({ prefix: "pxrun-module-" });
  try {
    await Deno.writeTextFile(
      join(folder, "deno.json"),
      config.replace("file:///path/to/pxrun/", root.href),
    );
    await Deno.writeTextFile(join(folder, "script.ts"), script);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--check", "script.ts"],
      cwd: folder,
      ...alone({ NO_COLOR: "1" }),
      stdin: "null",
    }).output();
    // There is no cluster: it gets as far as asking for one.
    assert.equal(code, 1);
    assert.match(new TextDecoder().decode(stderr), /PxrunError: cannot connect to Proxmox/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
