import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { VERSION } from "../../lib/cli/app/version.ts";
import { bundle } from "../../tasks/bundle.ts";
import { alone } from "../support/alone.ts";
import { startLab } from "../support/simulator.ts";

interface Launched {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const FILES = [
  "pxrun",
  "pxrun.js",
  "pxrun-core.js",
  "pxrun-recipe.js",
  "pxrun-program.js",
  "pxrun-simulator.js",
];

Deno.test("two bundles are the same anywhere, and what help and validate load is small", async () => {
  const root = join(import.meta.dirname ?? ".", "..", "..");
  const directory = await Deno.makeTempDir({ prefix: "pxrun-bundle-test-" });
  try {
    const made = [];
    for (const name of ["first", "second/one"]) {
      const files = [...await bundle(join(directory, name)), join(directory, name, "pxrun")];
      made.push(await Promise.all(files.map((file) => Deno.readTextFile(file))));
    }
    const [first = [], second] = made;
    assert.equal(first.length, FILES.length);
    assert.ok(first.every((text, index) => text === second?.[index]));
    for (const text of first) {
      for (const place of ["pxrun-bundle-", directory, root]) assert.ok(!text.includes(place));
    }
    const [start = NaN, core = NaN, recipe = NaN] = first.map((text) => text.length / 1024);
    assert.ok(start < 20 && core < 300 && recipe < 400, `${[start, core, recipe]} KiB`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the bundle needs nothing beside it: --version, validate, create and the demo", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-bundle-test-" });
  try {
    await bundle(directory);
    await Deno.writeTextFile(
      join(directory, "web.yaml"),
      "container: { hostname: web-1, template: debian-13 }\nprovisioning: { packages: [curl] }\n",
    );
    await using lab = await startLab();
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-remote", "--no-npm", "pxrun.js", ...args],
        cwd: directory,
        ...alone({ ...lab.simulator.env(), NO_COLOR: "1" }),
        stdin: "null",
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    const launch = async (program: string, ...args: string[]): Promise<Launched> => {
      const path = `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`;
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args,
        cwd: "/",
        ...alone({ ...lab.simulator.env(), NO_COLOR: "1", PATH: path }),
        stdin: "null",
      }).output();
      const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
      return { code, stdout: decode(stdout), stderr: decode(stderr) };
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
    await t.step("its launcher works from anywhere, through links, and moved", async () => {
      const moved = join(directory, "moved to", "here");
      await Deno.mkdir(moved, { recursive: true });
      for (const file of FILES) await Deno.rename(join(directory, file), join(moved, file));
      await Deno.mkdir(join(directory, "bin"));
      await Deno.symlink("../moved to/here/pxrun", join(directory, "bin/pxrun"));
      await Deno.symlink("pxrun", join(directory, "bin/px"));
      for (
        const program of [
          join(moved, "pxrun"),
          join(directory, "bin/pxrun"),
          join(directory, "bin/px"),
        ]
      ) {
        const { code, stdout, stderr } = await launch(program, "list", "-q");
        assert.deepEqual([code, stdout, stderr], [0, "web-1\n", ""], program);
      }
      const { stdout } = await launch(
        join(directory, "bin/px"),
        "simulator",
        "--",
        "echo",
        "inside",
      );
      assert.equal(stdout, "inside\n");
    });
    await t.step("a part that is missing is an error that says what to do", async () => {
      const moved = join(directory, "moved to", "here");
      const commands = {
        "pxrun-simulator.js": ["demo"],
        "pxrun-program.js": ["list"],
        "pxrun-recipe.js": ["validate", "web.yaml"],
        "pxrun-core.js": ["list", "--help"],
      };
      for (const [file, command] of Object.entries(commands)) {
        await Deno.remove(join(moved, file));
        const main = ["run", "-A", join(moved, "pxrun.js")];
        const runs = [
          await launch(join(moved, "pxrun"), "list"),
          await launch(Deno.execPath(), ...main, ...command),
        ];
        for (const { code, stderr } of runs) {
          assert.equal(code, 1, stderr);
          assert.match(stderr, new RegExp(`^error: \\S*.*${file} is missing`, "m"));
          assert.match(stderr, /^hint: .*deno task bundle/m);
          assert.doesNotMatch(stderr, /TypeError|\bat /);
        }
      }
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
