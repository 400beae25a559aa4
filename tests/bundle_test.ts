import assert from "node:assert/strict";
import { join } from "node:path";
import { VERSION } from "../lib/cli/version.ts";
import { bundle } from "../tasks/bundle.ts";
import { alone } from "./support/alone.ts";
import { startLab } from "./support/simulator.ts";

Deno.test("the bundle needs nothing beside it: --version, validate, create and the demo", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "pxrun-bundle-test-" });
  try {
    await bundle(folder);
    await Deno.writeTextFile(
      join(folder, "web.yaml"),
      "container: { hostname: web-1, template: debian-13 }\nprovisioning: { packages: [curl] }\n",
    );
    await using lab = await startLab();
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-remote", "--no-npm", "pxrun.js", ...args],
        cwd: folder,
        ...alone({ ...lab.simulator.env(), NO_COLOR: "1" }),
        stdin: "null",
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    await t.step("--version", async () => assert.equal(await run("--version"), `${VERSION}\n`));
    await t.step("list --help", async () => {
      assert.match(await run("list", "--help"), /^Usage: pxrun list/);
    });
    await t.step("validate", async () => {
      assert.equal(await run("validate", "web.yaml"), "1 recipe is valid\n");
    });
    await t.step("create", async () => {
      const made = JSON.parse(await run("create", "web.yaml", "--yes", "--format", "json"));
      assert.deepEqual([made.hostname, made.status], ["web-1", "running"]);
      assert.deepEqual(lab.containers(), ["100 web-1"]);
    });
    await t.step("demo", async () => assert.match(await run("demo"), /demo-web/));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
