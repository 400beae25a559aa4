import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../../../lib/core/argv.ts";
import type { Env } from "../../../lib/core/platform.ts";
import { bundle } from "../../../tasks/bundle.ts";
import { npmPackage } from "../../../tasks/npm.ts";
import { aloneEnv } from "../../support/alone.ts";
import { startLab } from "../../support/simulator.ts";
import { startTerminal } from "../../support/terminal.ts";
import { until } from "../../support/until.ts";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const decoder = new TextDecoder();

async function run(
  argv: readonly string[],
  { env = {}, cwd }: { readonly env?: Env; readonly cwd?: string } = {},
): Promise<Ended> {
  const [program = "", ...args] = argv;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    clearEnv: true,
    env: aloneEnv({ NO_COLOR: "1", ...env }),
    ...(cwd !== undefined && { cwd }),
    stdin: "null",
  }).output();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The packages that npm has fetched are kept where a user's programs keep such things. */
function npmEnv(home: string): Env {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache");
  return {
    HOME: home,
    npm_config_cache: join(cache, "pxrun-tests/npm"),
    npm_config_audit: "false",
  };
}

/** Creates a container that is not started within the time of a test. */
const creating = ["create", "--hostname", "a", "--template", "debian-13", "--yes"];

Deno.test("the npm package is packed, installed and used", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-npm-" });
  const prefix = join(directory, "prefix");
  const installed = join(prefix, "lib/node_modules/pxrun");
  const pxrun = join(prefix, "bin/pxrun");
  try {
    const bundled = await bundle(join(directory, "dist"));
    const tarball = await npmPackage("1.2.3", bundled, directory);

    await t.step("its tarball is the same bytes whenever it is made", async () => {
      const first = await Deno.readFile(tarball);
      await npmPackage("1.2.3", bundled, directory);
      assert.deepEqual(await Deno.readFile(tarball), first);
    });
    await t.step("npm packs the same files", async () => {
      const env = npmEnv(directory);
      const packed = await run(["npm", "pack", "--json", "--dry-run"], {
        env,
        cwd: join(directory, "npm"),
      });
      assert.equal(packed.code, 0, packed.stderr);
      const files = (listing: string): string[] =>
        listing.trim().split("\n").map((path) => path.replace(/^package\//, "")).toSorted();
      const own = await run(["tar", "-tzf", tarball]);
      const [{ files: byNpm }] = JSON.parse(packed.stdout);
      assert.deepEqual(
        byNpm.map(({ path }: { readonly path: string }) => path).toSorted(),
        files(own.stdout),
      );
    });
    await t.step("npm installs it where install scripts are blocked", async () => {
      const { code, stderr } = await run(
        ["npm", "install", "--global", "--ignore-scripts", "--prefix", prefix, tarball],
        { env: npmEnv(directory), cwd: directory },
      );
      assert.equal(code, 0, stderr);
    });
    // Of the PATH only what the test itself needs, and node: no Deno.
    const bin = join(directory, "bin");
    await Deno.mkdir(bin);
    for (const name of ["node", "sh", "stty", "bash", "script", "setsid", "kill"]) {
      const found = await run(["which", name]);
      await Deno.symlink(found.stdout.trim(), join(bin, name));
    }
    await using lab = await startLab();
    const env = { ...lab.simulator.env(), HOME: directory, PATH: bin };
    const use = (...args: string[]): Promise<Ended> => run([pxrun, ...args], { env });

    await t.step("--version, validate, create, list and demo", async () => {
      const { version } = JSON.parse(
        await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)),
      );
      assert.deepEqual(await use("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
      const recipe = join(directory, "web.yaml");
      await Deno.writeTextFile(
        recipe,
        "container: { hostname: web-1, template: debian-13 }\nprovisioning: { packages: [curl] }\n",
      );
      assert.equal((await use("validate", recipe)).stdout, "1 recipe is valid\n");
      const created = await use("create", recipe, "--yes", "--format", "json");
      assert.equal(created.code, 0, created.stderr);
      assert.equal((await use("list", "-q")).stdout, "web-1\n");
      const demo = await use("demo");
      assert.equal(demo.code, 0, demo.stderr);
      assert.match(demo.stdout + demo.stderr, /demo-web/);
    });
    await t.step("exit statuses are pxrun's own, and those of what it runs", async () => {
      assert.equal((await use("destroy", "absent", "--yes")).code, 3);
      assert.equal((await use("exec", "absent", "--", "true")).code, 125);
      assert.equal((await use("exec", "web-1", "--", "sh", "-c", "exit 42")).code, 42);
      assert.equal((await use("simulator", "--", "sh", "-c", "exit 7")).code, 7);
    });
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await t.step(`${signal} to the launcher undoes a create`, async () => {
        await using slow = await startLab({ timings: { startMs: 20_000 } });
        // In a session of its own, with no terminal: as a service or a CI job.
        const launcher = new Deno.Command("setsid", {
          args: [pxrun, ...creating],
          clearEnv: true,
          env: aloneEnv({ ...env, ...slow.simulator.env() }),
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).spawn();
        await until(
          "the start",
          () => slow.simulator.requests.some(({ path }) => path.endsWith("/status/start")),
        );
        launcher.kill(signal);
        assert.equal((await launcher.status).code, 130);
        assert.deepEqual(slow.containers(), []);
      });
    }
    await t.step("Ctrl-C on a terminal undoes a create, once", async () => {
      await using slow = await startLab({ timings: { startMs: 20_000 } });
      await using terminal = startTerminal([pxrun, ...creating], {
        env: { ...env, ...slow.simulator.env() },
      });
      await until(
        "the start",
        () => slow.simulator.requests.some(({ path }) => path.endsWith("/status/start")),
      );
      await terminal.key("ctrl-c");
      assert.equal(await terminal.status, 130, terminal.text());
      assert.deepEqual(slow.containers(), []);
    });
    await t.step("a question continues after Ctrl-Z and fg", async () => {
      await using shell = startTerminal(["bash", "--norc", "--noprofile", "-i"], {
        env: { ...env, PS1: "shell> " },
      });
      await shell.until(/shell> /);
      const asking = [pxrun, "create", "--template", "debian-13", "--dry-run"];
      await shell.type(`${commandLine(asking)}\r`);
      await shell.until(/\? Hostname/);
      await shell.type("web-");
      await shell.key("ctrl-z");
      await shell.until(/Stopped[\s\S]*shell> /);
      await shell.type("fg\r");
      await shell.until(/--dry-run\n/);
      await shell.type("2");
      await shell.until(/\? Hostname web-2/);
      await shell.key("enter");
      await shell.until(/web-2: container 101/);
      await shell.until(/shell> /);
      await shell.type("exit $?\r");
      assert.equal(await shell.status, 0, shell.text());
    });
    await t.step("Deno itself runs the launcher, without a second process", async () => {
      const main = join(installed, "bin/pxrun.cjs");
      const { code, stdout, stderr } = await run(
        [Deno.execPath(), "run", "-A", main, "list", "-q"],
        {
          env,
        },
      );
      assert.deepEqual([code, stdout], [0, "web-1\n"], stderr);
    });
    await t.step(
      "without npm's Deno it takes that of the PATH, or says what is missing",
      async () => {
        await Deno.remove(join(installed, "node_modules"), { recursive: true });
        const without = await use("--version");
        assert.equal(without.code, 1);
        assert.match(
          without.stderr,
          /^error: pxrun runs on Deno, and deno cannot be run: .*ENOENT/,
        );
        assert.match(without.stderr, /^hint: .*on the PATH/m);
        await Deno.symlink(Deno.execPath(), join(bin, "deno"));
        assert.equal((await use("list", "-q")).stdout, "web-1\n");
      },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
