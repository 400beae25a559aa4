import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "../../lib/cli/app/run.ts";
import { alone } from "../support/alone.ts";
import { startLab } from "../support/simulator.ts";
import { until } from "../support/until.ts";
import { testPlatform } from "../support/platform.ts";

const main = join(import.meta.dirname ?? ".", "..", "..", "main.ts");

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
    const directory = await Deno.makeTempDir({ prefix: "pxrun-signals-" });
    try {
      const file = `${directory}/config.yaml`;
      await Deno.writeTextFile(file, encrypted, { mode: 0o600 });
      const recipeFile = `${directory}/recipe.yaml`;
      await Deno.writeTextFile(recipeFile, recipe);
      const named = args.map((word) => word === "RECIPE" ? recipeFile : word);
      const platform = testPlatform({ env: { PXRUN_CONFIG: what ? "" : file } });
      let given: AbortSignal | undefined;
      const asked = Promise.withResolvers<void>();
      const status = runCli(named, {
        ...platform,
        run(_program, _args, options) {
          given = options?.signal;
          asked.resolve();
          return new Promise(() => {});
        },
      });
      await Promise.race([asked.promise, status]);
      platform.interrupt("SIGTERM");
      assert.equal(await status, 130, platform.stderr());
      assert.equal(given?.aborted, true);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

for (
  const [name, args, env] of [
    ["PROXMOX_CA_FILE", ["list"], { PROXMOX_CA_FILE: "/mnt/gone/ca.pem" }],
    ["the config file", ["list"], { PXRUN_CONFIG: "/mnt/gone/config.yaml" }],
    ["a recipe", ["validate", "/mnt/gone/web.yaml"], {}],
  ] as const
) {
  Deno.test(`${args[0]} ends on a signal while it reads ${name} from where nobody answers`, async () => {
    const login = {
      PROXMOX_HOST: "127.0.0.1:1",
      PROXMOX_TOKEN_ID: "root@pam!pxrun",
      PROXMOX_TOKEN_SECRET: crypto.randomUUID(),
      PXRUN_CONFIG: "",
    };
    const platform = testPlatform({ env: { ...login, ...env } });
    const asked = Promise.withResolvers<void>();
    const never = <T>(path: string, otherwise: () => Promise<T>): Promise<T> => {
      if (!path.startsWith("/mnt/gone/")) return otherwise();
      asked.resolve();
      return new Promise(() => {});
    };
    const status = runCli([...args], {
      ...platform,
      files: { ...platform.files, read: (path) => never(path, () => platform.files.read(path)) },
      privateFiles: {
        ...platform.privateFiles,
        mode: (path) => never(path, () => platform.privateFiles.mode(path)),
      },
    });
    await Promise.race([asked.promise, status]);
    platform.interrupt("SIGTERM");
    assert.equal(await status, 130, platform.stderr());
  });
}

for (
  const [args, stream, status] of [
    [["schema"], ">", 1],
    [["--version"], ">", 1],
    [["validate", "/nonexistent"], "2>", 3],
  ] as const
) {
  Deno.test(`pxrun ${args.join(" ")} reports a full disk behind ${stream}`, async () => {
    const { code, stderr } = await new Deno.Command("sh", {
      args: [
        "-c",
        `"$@" ${stream}/dev/full`,
        ...["sh", Deno.execPath(), "run", "-A", "--cached-only", "--no-check", "--quiet", main],
        ...args,
      ],
      stdout: "null",
    }).output();
    assert.equal(code, status);
    if (stream === ">") {
      assert.match(new TextDecoder().decode(stderr), /cannot write to standard output: No space/);
    }
  });
}

Deno.test("runCli() keeps the status of a command where nobody reads its output any more", async () => {
  const { code } = await new Deno.Command("bash", {
    args: [
      "-c",
      '"$@" | true; exit "${PIPESTATUS[0]}"',
      ...["bash", Deno.execPath(), "run", "-A", "--cached-only", "--no-check", "--quiet", main],
      "schema",
    ],
  }).output();
  assert.equal(code, 0);
});
