import assert from "node:assert/strict";
import { join } from "node:path";
import { VERSION } from "../../../lib/cli/app/version.ts";
import { bundle } from "../../../tasks/bundle.ts";
import { compile } from "../../../tasks/compile.ts";
import { alone } from "../../support/alone.ts";
import { startLab } from "../../support/simulator.ts";

Deno.test("the binary runs: --version, validate, schema, create and the demo", async () => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-binary-test-" });
  try {
    const bundled = await bundle(join(directory, "bundle"));
    const [binary = ""] = await compile({
      targets: [Deno.build.target],
      bundled,
      into: directory,
    });
    await Deno.remove(join(directory, "bundle"), { recursive: true });
    await Deno.writeTextFile(
      join(directory, "web.yaml"),
      "container: { hostname: web-1, template: debian-13 }\n",
    );
    await using lab = await startLab();
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await new Deno.Command(binary, {
        args,
        cwd: directory,
        ...alone({ ...lab.simulator.env(), NO_COLOR: "1" }),
        stdin: "null",
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    assert.equal(await run("--version"), `${VERSION}\n`);
    assert.equal(await run("validate", "web.yaml"), "1 recipe is valid\n");
    assert.equal(JSON.parse(await run("schema"))["title"], "pxrun recipe");
    const made = JSON.parse(await run("create", "web.yaml", "--yes", "--format", "json"));
    assert.deepEqual([made.hostname, made.status], ["web-1", "running"]);
    assert.equal(await run("exec", "web-1", "--", "hostname"), "web-1\n");
    assert.match(await run("demo"), /demo-web/);
    assert.equal(await run("simulator", "--", "echo", "inside"), "inside\n");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
