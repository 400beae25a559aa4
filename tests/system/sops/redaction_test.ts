import assert from "node:assert/strict";
import { join } from "node:path";
import { commandLine } from "../../../lib/core/argv.ts";
import type { RunProcess } from "../../../lib/core/platform.ts";
import { alone } from "../../support/alone.ts";
import { findLeaks } from "../../support/leaks.ts";
import { logins } from "../../support/logins.ts";
import { watchProcesses } from "../../support/processes.ts";
import { writeProgram } from "../../support/program.ts";
import { type Case, filesBelow, marks, openScene, type Scene } from "../../support/redaction.ts";
import { type SopsLab, startSopsLab } from "../../support/sops.ts";

const main = join(import.meta.dirname ?? ".", "../../../main.ts");

const recipe = `container: { hostname: web-1, template: debian-13 }
provisioning:
  files: [{ path: /root/secret, content: ${JSON.stringify(marks["an encrypted file"])} }]
  scripts:
    - name: use it
      content: printf '%s\\n' "$DB_PASSWORD"; printf 'u:%s' "$DB_PASSWORD" | base64; cat /root/secret
      environment: { DB_PASSWORD: ${JSON.stringify(marks["a script's variable"])} }
`;

const yes = ["recipe.yaml", "--yes"];

/** A scene whose secrets are all in encrypted files, and the text of its recipe. */
async function open(
  sops: SopsLab,
  run: RunProcess,
): Promise<{ readonly scene: Scene; readonly encrypted: string }> {
  const [login] = logins;
  assert.ok(login);
  const scene = await openScene({
    login,
    run,
    env: (env, { simulator }) => ({
      ...env,
      PROXMOX_TOKEN_SECRET: undefined,
      DB_PASSWORD: undefined,
      TAILSCALE_AUTH_KEY: undefined,
      TAILSCALE_API_KEY: undefined,
      HTTPS_PROXY: undefined,
      PROXMOX_HOST: simulator.url,
    }),
  });
  const rules = `creation_rules:\n  - age: ${sops.recipient}\n`;
  await Deno.writeTextFile(`${scene.home}/.sops.yaml`, rules);
  await Deno.writeTextFile(`${sops.directory}/web.yaml`, recipe);
  await sops.encrypt(`${sops.directory}/web.yaml`, "^(content|DB_PASSWORD)$");
  return { scene, encrypted: await Deno.readTextFile(`${sops.directory}/web.yaml`) };
}

/** What makes the config; the first encrypts it. */
const setUp: readonly Case[] = [
  { command: "config set", args: ["token_secret"], stdin: `${marks["the token's secret"]}\n` },
  { command: "config set", args: ["password"], stdin: marks["what config set is given"] },
];

const flags = ["--verbose", "--debug"];

Deno.test("no command gives away what sops decrypts", async () => {
  await using sops = await startSopsLab();
  const { scene, encrypted } = await open(sops, sops.run);
  await using _ = scene;
  const tampered = encrypted.replace("web-1", "web-2");
  assert.notEqual(tampered, encrypted);
  const cases: readonly Case[] = [
    ...setUp,
    { command: "config get" },
    { command: "config get", args: ["token_secret"] },
    { command: "config set", args: ["host"], fails: true },
    { command: "validate", args: ["recipe.yaml"], recipe: encrypted },
    { command: "validate", args: ["recipe.yaml"], recipe: tampered, fails: true },
    { command: "create", args: [...yes, "--dry-run"], recipe: encrypted },
    { command: "create", args: yes, recipe: encrypted },
    { command: "create", args: yes, recipe: tampered, fails: true },
    { command: "list" },
    { command: "destroy", args: ["web-1", "--yes"] },
  ];
  for (const given of [[], flags, ["--format", "json", ...flags]]) {
    for (const one of cases) await scene.run(one, given);
  }
  assert.deepEqual(await scene.leaks(), []);
  const { directory } = sops;
  assert.deepEqual(findLeaks(marks, await filesBelow(directory)), []);
});

Deno.test("no command gives away what sops cannot decrypt", async () => {
  await using sops = await startSopsLab();
  const { scene, encrypted } = await open(sops, sops.stranger);
  await using _ = scene;
  const cases: readonly Case[] = [
    // To encrypt takes no key.
    ...setUp.slice(0, 1),
    { command: "config set", args: ["password"], stdin: "x", fails: true },
    { command: "config get", fails: true },
    { command: "create", args: yes, recipe: encrypted, fails: true },
    { command: "list", fails: true },
  ];
  for (const one of cases) await scene.run(one, flags);
  assert.deepEqual(await scene.leaks(false), []);
});

Deno.test("no process of this machine is started with a secret", async () => {
  await using sops = await startSopsLab();
  const { scene, encrypted } = await open(sops, sops.run);
  await using _ = scene;
  for (const one of setUp) await scene.run(one, []);
  await Deno.writeTextFile(`${scene.home}/web.yaml`, encrypted);
  // They note what they were started with, however short they live.
  const log = `${sops.directory}/started`;
  const programs = `${sops.directory}/programs`;
  await Deno.mkdir(programs);
  for (const program of ["sops", "ssh"]) {
    const real = commandLine(["env", `PATH=${Deno.env.get("PATH")}`, program]);
    const note = `cat /proc/$$/cmdline /proc/$$/environ | tr '\\0' '\\n' >>${log}`;
    const text = `#!/bin/sh\n${note}\nexec ${real} "$@"\n`;
    await writeProgram(`${programs}/${program}`, text);
  }
  const run = async (args: readonly string[], stdin = ""): Promise<void> => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--cached-only", "--no-check", main, ...args, ...flags],
      cwd: scene.home,
      ...alone({
        ...scene.env,
        PATH: `${programs}:${Deno.env.get("PATH")}`,
        SOPS_AGE_KEY_FILE: `${sops.directory}/key`,
        TMPDIR: scene.home,
      }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const processes = watchProcesses(child.pid);
    const output = child.output();
    await new Response(stdin).body?.pipeTo(child.stdin);
    const { code, stdout, stderr } = await output;
    const seen = await processes.stop();
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    assert.equal(code, 0, decode(stderr));
    assert.match(seen.arguments, /main\.ts/);
    const places = { stdout: decode(stdout), stderr: decode(stderr), ...seen };
    assert.deepEqual(findLeaks(marks, places), [], args.join(" "));
  };
  await run(["config", "set", "tailscale.auth_key"], marks["an auth key from the environment"]);
  await run(["create", "web.yaml", "--yes"]);
  await run(["list"]);
  await run(["destroy", "web-1", "--yes"]);
  const started = await Deno.readTextFile(log);
  assert.match(started, /^decrypt$/m);
  assert.match(started, /^set$/m);
  assert.deepEqual(findLeaks(marks, { started }), []);
  assert.deepEqual(await scene.leaks(), []);
});
