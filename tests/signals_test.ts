import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "../lib/cli/run.ts";
import { alone } from "./support/alone.ts";
import { startLab } from "./support/simulator.ts";
import { until } from "./support/until.ts";
import { testWorld } from "./support/world.ts";

const main = join(import.meta.dirname ?? ".", "..", "main.ts");

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`create leaves nothing on ${signal}, also when nobody reads what it writes any more`, async () => {
    await using lab = await startLab({ timings: { startMs: 20_000 } });
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--cached-only", main, "create"],
        ...["--hostname", "a", "--template", "debian-13"],
      ],
      ...alone(lab.simulator.env()),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const starting = (): boolean =>
      lab.simulator.requests.some(({ path }) => path.endsWith("/status/start"));
    await until("the start", starting);
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    child.kill(signal);
    assert.equal((await child.status).code, 130);
    assert.deepEqual(lab.containers(), []);
  });
}

const value = "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]";
const encrypted = `contexts:
  home:
    host: pve.example
    password: ${value}
sops:
  mac: ${value}
`;

const recipe = `container:
  hostname: a
  template: debian-13
  description: ${value}
sops:
  mac: ${value}
`;

for (
  const args of [
    ["create", "RECIPE"],
    ["provision", "a", "RECIPE"],
    ["list"],
    ["create", "--hostname", "a", "--template", "debian-13"],
    ["cleanup", "--yes"],
    ["setup", "--yes", "--host", "pve.example", "--ssh-user", "root", "--scope", "/"],
  ]
) {
  const what = args.includes("RECIPE") ? " a recipe" : "";
  Deno.test(`${args[0]} ends on a signal while sops decrypts${what}, and ends sops`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "pxrun-signals-" });
    try {
      const file = `${folder}/config.yaml`;
      await Deno.writeTextFile(file, encrypted, { mode: 0o600 });
      const recipeFile = `${folder}/recipe.yaml`;
      await Deno.writeTextFile(recipeFile, recipe);
      const named = args.map((word) => word === "RECIPE" ? recipeFile : word);
      const world = testWorld({ env: { PXRUN_CONFIG: what ? "" : file } });
      let given: AbortSignal | undefined;
      const asked = Promise.withResolvers<void>();
      const status = runCli(named, {
        ...world,
        run(_program, _args, options) {
          given = options?.signal;
          asked.resolve();
          return new Promise(() => {});
        },
      });
      await Promise.race([asked.promise, status]);
      world.interrupt("SIGTERM");
      assert.equal(await status, 130, world.stderr());
      assert.equal(given?.aborted, true);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
