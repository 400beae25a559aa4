import assert from "node:assert/strict";
import { join } from "node:path";
import { VERSION } from "../../lib/cli/app/version.ts";
import { bundle } from "../../tasks/bundle.ts";
import { alone } from "../support/alone.ts";
import { startLab } from "../support/simulator.ts";
import { filesOf, serve } from "./served.ts";

Deno.test("the bundle runs by URL with an empty cache and no registry", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-url-test-" });
  try {
    await bundle(join(directory, "served"));
    await Deno.mkdir(join(directory, "work"));
    await Deno.writeTextFile(
      join(directory, "work/web.yaml"),
      "container: { hostname: web-1, template: debian-13 }\n",
    );
    await using lab = await startLab();
    await using files = serve(filesOf(join(directory, "served")));
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", `${files.origin}/pxrun.js`, ...args],
        cwd: join(directory, "work"),
        ...alone({
          ...lab.simulator.env(),
          DENO_DIR: join(directory, "cache"),
          NO_COLOR: "1",
          // Nothing listens there.
          NPM_CONFIG_REGISTRY: "http://127.0.0.1:1/",
          JSR_URL: "http://127.0.0.1:1/",
        }),
        stdin: "null",
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    /** The files that were fetched since it was asked last. */
    const fetched = (): string[] => files.paths.splice(0).sort();

    await t.step("--version, --help", async () => {
      assert.equal(await run("--version"), `${VERSION}\n`);
      assert.match(await run("--help"), /^Usage: pxrun/);
      assert.deepEqual(fetched(), ["pxrun.js"]);
    });
    await t.step("list --help", async () => {
      assert.match(await run("list", "--help"), /^Usage: pxrun list/);
      assert.deepEqual(fetched(), ["pxrun-core.js"]);
    });
    await t.step("validate, schema", async () => {
      assert.equal(await run("validate", "web.yaml"), "1 recipe is valid\n");
      assert.equal(JSON.parse(await run("schema"))["title"], "pxrun recipe");
      assert.deepEqual(fetched(), ["pxrun-recipe.js"]);
    });
    await t.step("create, exec, destroy", async () => {
      const made = JSON.parse(await run("create", "web.yaml", "--yes", "--format", "json"));
      assert.deepEqual([made.hostname, made.status], ["web-1", "running"]);
      assert.equal(await run("exec", "web-1", "--", "hostname"), "web-1\n");
      await run("destroy", "web-1", "--yes");
      assert.deepEqual(lab.containers(), []);
      assert.deepEqual(fetched(), ["pxrun-program.js"]);
    });
    await t.step("demo, simulator", async () => {
      assert.match(await run("demo"), /demo-web/);
      assert.equal(await run("simulator", "--", "echo", "inside"), "inside\n");
      assert.deepEqual(fetched(), ["pxrun-simulator.js"]);
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
