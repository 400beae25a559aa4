import assert from "node:assert/strict";
import { runCli } from "../../../lib/cli/app/run.ts";
import type { RunProcess } from "../../../lib/core/platform.ts";
import { writeProgram } from "../../support/program.ts";
import { type Lab, startLab } from "../../support/simulator.ts";
import { filesWith, type SopsLab, startSopsLab } from "../../support/sops.ts";
import { testPlatform, type TestPlatformOptions } from "../../support/platform.ts";

const SECRET = "MARK-5f1d-secret";

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs command lines with a config file in the lab's directory, as the holder of a key. */
function user(sops: SopsLab, run: RunProcess = sops.run) {
  return async (args: readonly string[], options: TestPlatformOptions = {}): Promise<Ran> => {
    const platform = testPlatform({
      ...options,
      env: { XDG_CONFIG_HOME: sops.directory, ...options.env },
    });
    const status = await runCli(args, { ...platform, run });
    return { status, stdout: platform.stdout(), stderr: platform.stderr() };
  };
}

function fileOf({ directory }: SopsLab): string {
  return `${directory}/pxrun/config.yaml`;
}

async function withRules(sops: SopsLab, more = ""): Promise<void> {
  await Deno.writeTextFile(
    `${sops.directory}/.sops.yaml`,
    `creation_rules:\n  - age: ${sops.recipient}\n${more}`,
  );
}

/** A config whose only secret is encrypted, made by nothing but `config set`. */
async function configure(sops: SopsLab, secret = SECRET): Promise<void> {
  await withRules(sops);
  const px = user(sops);
  assert.equal((await px(["config", "set", "host", "pve.example"])).status, 0);
  const { status, stderr } = await px(["config", "set", "token_secret"], { stdin: `${secret}\n` });
  assert.equal(status, 0, stderr);
}

async function forSimulator(sops: SopsLab, { simulator }: Lab): Promise<void> {
  await configure(sops, simulator.token.secret);
  const px = user(sops);
  const env = simulator.env();
  const values = {
    host: env["PROXMOX_HOST"],
    token_id: env["PROXMOX_TOKEN_ID"],
    fingerprint: env["PROXMOX_FINGERPRINT"],
    "ssh.key": env["SSH_KEY_PATH"],
    "ssh.known_hosts": env["PXRUN_KNOWN_HOSTS"],
    ...Object.fromEntries(
      (env["PXRUN_SSH_NODES"] ?? "").split(",").map((entry) => {
        const [node, address] = entry.split("=");
        return [`ssh.nodes.${node}`, address];
      }),
    ),
  };
  for (const [path, value] of Object.entries(values)) {
    const { status, stderr } = await px(["config", "set", path, value ?? ""]);
    assert.equal(status, 0, stderr);
  }
}

Deno.test("config set encrypts a secret through sops, and leaves the rest readable", async () => {
  await using sops = await startSopsLab();
  await configure(sops);
  const text = await Deno.readTextFile(fileOf(sops));
  assert.match(text, /^ +host: pve\.example$/m);
  assert.match(text, /^ +token_secret: ENC\[AES256_GCM,.*\]$/m);
  assert.match(
    text,
    /^ +encrypted_regex: \^\(token_secret\|password\|passphrase\|api_key\|auth_key\)\$$/m,
  );
  assert.ok(!text.includes("mac_only_encrypted"));
  assert.equal(((await Deno.stat(fileOf(sops))).mode ?? 0) & 0o777, 0o600);
  const { stdout } = await user(sops)(["config", "get"]);
  assert.equal(stdout, "host: pve.example\ntoken_secret: ••••\n");
  assert.equal((await user(sops)(["config", "get", "token_secret"])).stdout, "••••\n");
});

Deno.test("config set changes one line of an encrypted file, its date and its MAC, and no comment", async () => {
  await using sops = await startSopsLab();
  await withRules(sops);
  await Deno.mkdir(`${sops.directory}/pxrun`);
  const plain = "# my clusters\ncontexts:\n    home:\n        host: a # the old one\n";
  await Deno.writeTextFile(fileOf(sops), plain, { mode: 0o600 });
  const px = user(sops);
  assert.equal((await px(["config", "set", "password"], { stdin: SECRET })).status, 0);
  const before = await Deno.readTextFile(fileOf(sops));
  assert.match(before, /^# my clusters$/m);
  assert.match(before, /host: a # the old one/);
  assert.equal((await px(["config", "set", "host", "b"])).status, 0);
  const after = (await Deno.readTextFile(fileOf(sops))).split("\n");
  const changed = before.split("\n").filter((line) => !after.includes(line));
  assert.deepEqual(
    changed.map((line) => line.trim().split(":")[0]).filter((key) => key !== "lastmodified"),
    [
      "host",
      "mac",
    ],
  );
  assert.equal(changed[0]?.trim(), "host: a # the old one");
  assert.equal((await px(["config", "use", "home"])).status, 0);
  assert.match(await Deno.readTextFile(fileOf(sops)), /^current_context: home$/m);
});

Deno.test("config set writes nothing decrypted anywhere, and puts it in no argument", async () => {
  await using sops = await startSopsLab();
  const seen: string[] = [];
  const watched: RunProcess = async (program, args, options) => {
    seen.push(...await filesWith(sops.directory, SECRET));
    if (JSON.stringify([program, ...args]).includes(SECRET)) seen.push(`argument of ${program}`);
    const result = await sops.run(program, args, options);
    seen.push(...await filesWith(sops.directory, SECRET));
    return result;
  };
  await withRules(sops);
  const px = user(sops, watched);
  const outputs = [
    await px(["config", "set", "token_secret"], { stdin: SECRET }),
    await px(["config", "set", "token_secret"], { stdin: `${SECRET}2` }),
    await px(["config", "set", "password"], { answers: [SECRET] }),
    await px(["config", "get", "--format", "json"]),
    await px(["list", "--debug"], { env: { PROXMOX_HOST: "http://wrong" } }),
  ];
  assert.deepEqual(outputs.map(({ status }) => status), [0, 0, 2, 0, 2]);
  // A terminal that would show it is not asked.
  assert.match(outputs[2]?.stderr ?? "", /this terminal \(TERM=dumb\) would show it/);
  assert.deepEqual([...seen, ...await filesWith(sops.directory, SECRET)], []);
  for (const { stdout, stderr } of outputs) assert.ok(!(stdout + stderr).includes(SECRET));
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${sops.directory}/pxrun`)) names.push(name);
  assert.deepEqual(names, ["config.yaml"]);
});

Deno.test("config set encrypts a secret that stood in the clear, whatever it sets", async () => {
  await using sops = await startSopsLab();
  await withRules(sops);
  await Deno.mkdir(`${sops.directory}/pxrun`);
  const plain = `contexts:\n  home:\n    token_secret: ${SECRET}\n`;
  await Deno.writeTextFile(fileOf(sops), plain, { mode: 0o600 });
  const px = user(sops);
  assert.equal((await px(["list"])).status, 2);
  assert.equal((await px(["config", "set", "host", "pve.example"])).status, 0);
  assert.deepEqual(await filesWith(sops.directory, SECRET), []);
  assert.equal((await px(["config", "get"])).stdout, "host: pve.example\ntoken_secret: ••••\n");
});

Deno.test("config set says so when another one was quicker, and leaves what that one wrote", async () => {
  await using sops = await startSopsLab();
  await configure(sops);
  const other = user(sops);
  let once = false;
  const slow = user(sops, async (program, args, options) => {
    if (args.includes("set") && !once) {
      once = true;
      assert.equal((await other(["config", "set", "pool", "dev"])).status, 0);
    }
    return await sops.run(program, args, options);
  });
  const late = await slow(["config", "set", "host", "late.example"]);
  assert.equal(late.status, 1);
  assert.match(late.stderr, /another process changed it just now\nhint: .*run the command again/);
  assert.match((await other(["config", "get"])).stdout, /^host: pve\.example\n(.*\n)*pool: dev$/m);
  assert.equal((await slow(["config", "set", "host", "late.example"])).status, 0);
});

Deno.test("config set does not encrypt for the keys of the directory that one is in", async () => {
  await using sops = await startSopsLab();
  const project = `${sops.directory}/project`;
  await Deno.mkdir(project);
  const rules = `creation_rules:\n  - age: ${sops.recipient}\n`;
  await Deno.writeTextFile(`${project}/.sops.yaml`, rules);
  const px = user(
    sops,
    (program, args, options) => sops.run("env", ["-C", project, program, ...args], options),
  );
  const { status, stderr } = await px(["config", "set", "token_secret"], { stdin: SECRET });
  assert.equal(status, 1);
  assert.match(stderr, /nothing says for whom\nhint: make a key \(age-keygen/);
  assert.equal(await Deno.stat(fileOf(sops)).then(() => true, () => false), false);
});

Deno.test("config set refuses rules of .sops.yaml that would leave the file unguarded", async () => {
  await using sops = await startSopsLab();
  const px = user(sops);
  for (
    const [rule, pattern] of [
      ["    mac_only_encrypted: true\n", /mac_only_encrypted/],
      ["    unencrypted_regex: ^host$\n", /rule in \.sops\.yaml says itself/],
    ] as const
  ) {
    await withRules(sops, rule);
    const { status, stderr } = await px(["config", "set", "token_secret"], { stdin: SECRET });
    assert.equal(status, 1);
    assert.match(stderr, pattern);
  }
  assert.equal(await Deno.stat(fileOf(sops)).then(() => true, () => false), false);
});

Deno.test("a config that was changed outside sops is refused, and so is one for somebody else", async () => {
  await using sops = await startSopsLab();
  await configure(sops);
  const file = fileOf(sops);
  const text = await Deno.readTextFile(file);
  const stranger = await user(sops, sops.stranger)(["list"]);
  assert.equal(stranger.status, 4);
  assert.match(stranger.stderr, /none of its keys is here \(it is encrypted for age1/);
  assert.match(stranger.stderr, /hint: .*SOPS_AGE_KEY_FILE/);
  await Deno.writeTextFile(file, text.replace("pve.example", "evil.example"));
  for (const args of [["list"], ["config", "get", "host"], ["config", "set", "pool", "x"]]) {
    const { status, stdout, stderr } = await user(sops)(args);
    assert.deepEqual([status, stdout], [4, ""]);
    assert.match(stderr, /MAC does not match.*\nhint: edited outside sops\?/);
  }
  await Deno.writeTextFile(file, text.replace(/^ {4}mac:.*$/m, "    mac_only_encrypted: true\n$&"));
  const weak = await user(sops)(["list"]);
  assert.equal(weak.status, 4);
  assert.match(weak.stderr, /mac_only_encrypted, so its host could be changed unseen/);
  // The secret of one context is not that of another.
  await Deno.writeTextFile(file, text.replace("token_secret:", "password:"));
  assert.equal((await user(sops)(["list"])).status, 4);
});

Deno.test("create works with nothing but the encrypted config", async () => {
  await using lab = await startLab();
  await using sops = await startSopsLab();
  await forSimulator(sops, lab);
  assert.deepEqual(await filesWith(sops.directory, lab.simulator.token.secret), []);
  const recipe = `${sops.directory}/web.yaml`;
  await Deno.writeTextFile(
    recipe,
    "container: { hostname: web-1, template: debian-13 }\nprovisioning: { packages: [curl] }\n",
  );
  const args = ["create", recipe, "--yes", "--verbose", "--debug"];
  const { status, stdout, stderr } = await user(sops)(args);
  assert.equal(status, 0, stderr);
  assert.deepEqual(lab.containers(), ["100 web-1"]);
  assert.ok(!(stdout + stderr).includes(lab.simulator.token.secret));
  const other = await user(sops, sops.stranger)(args);
  assert.equal(other.status, 4);
});

Deno.test("config edit lets sops run the editor, and checks what it left", async () => {
  await using sops = await startSopsLab();
  await configure(sops);
  const editor = `${sops.directory}/editor`;
  const run: RunProcess = (program, args, options) =>
    sops.run("env", [`EDITOR=${editor}`, program, ...args], options);
  const px = user(sops, run);
  const script = async (line: string): Promise<void> => {
    await writeProgram(editor, `#!/bin/sh\n${line}\n`);
  };
  await script(`sed -i 's/pve.example/other.example/' "$1"`);
  assert.equal((await px(["config", "edit"], { answers: [] })).status, 0);
  assert.equal((await px(["config", "get", "host"])).stdout, "other.example\n");
  await script("exit 0");
  assert.equal((await px(["config", "edit"], { answers: [] })).status, 0);
  await script("exit 1");
  const failed = await px(["config", "edit"], { answers: [] });
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /the editor failed, or there is none\nhint: SOPS_EDITOR or EDITOR/);
  await script(`sed -i 's/host:/hots:/' "$1"`);
  const wrong = await px(["config", "edit"], { answers: [] });
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /hots is not a key; did you mean host\?/);
});

Deno.test("doctor names sops, a missing key and a missing sops, each with its remedy", async () => {
  await using lab = await startLab();
  await using sops = await startSopsLab();
  await forSimulator(sops, lab);
  const healthy = await user(sops)(["doctor", "--verbose"]);
  assert.equal(healthy.status, 0, healthy.stdout);
  assert.match(healthy.stdout, /^✓ sops +sops \d+\.\d+/m);
  assert.match(healthy.stdout, /^✓ config +\S+, context default, decrypted by sops$/m);
  assert.match(healthy.stdout, /token_secret +•••• +file: contexts\.default\.token_secret in /);
  assert.ok(!healthy.stdout.includes(lab.simulator.token.secret));
  const stranger = await user(sops, sops.stranger)(["doctor"]);
  assert.equal(stranger.status, 1);
  assert.match(
    stranger.stdout,
    /^✗ config +cannot decrypt \S+: none of its keys is here .*\n +→ .*SOPS_AGE_KEY_FILE/m,
  );
  const without: RunProcess = (program, args, options) =>
    program === "sops" ? Promise.resolve(undefined) : sops.run(program, args, options);
  const missing = await user(sops, without)(["doctor"]);
  assert.equal(missing.status, 1);
  assert.match(missing.stdout, /^✗ sops +sops is not installed.*\n +→ install sops 3\.11/);
  assert.match(missing.stdout, /^– not tried: the cluster and its nodes/m);
});

Deno.test("Ctrl-C ends a config set that waits for sops, and leaves the file as it was", async () => {
  await using sops = await startSopsLab();
  await withRules(sops);
  const set = ["config", "set", "token_secret"];
  assert.equal((await user(sops)(set, { stdin: SECRET })).status, 0);
  const before = await Deno.readTextFile(fileOf(sops));
  const platform = testPlatform({ env: { XDG_CONFIG_HOME: sops.directory } });
  const run: RunProcess = (program, args, options) => {
    if (args[0] !== "set") return sops.run(program, args, options);
    queueMicrotask(() => platform.interrupt());
    return new Promise(() => {});
  };
  assert.equal(await runCli(["config", "set", "pool", "dev"], { ...platform, run }), 130);
  assert.equal(await Deno.readTextFile(fileOf(sops)), before);
  const names = await Array.fromAsync(Deno.readDir(`${sops.directory}/pxrun`), ({ name }) => name);
  assert.deepEqual(names.filter((name) => /^\.[0-9a-f-]{36}/.test(name)), []);
});

Deno.test("config rename-context encrypts secrets again at their new place, and delete-context removes them", async () => {
  await using sops = await startSopsLab();
  await configure(sops);
  const px = user(sops);
  const renamed = await px(["config", "rename-context", "default", "home"]);
  assert.equal(renamed.status, 0, renamed.stderr);
  assert.doesNotMatch(await Deno.readTextFile(fileOf(sops)), new RegExp(`default|${SECRET}`));
  const shown = await px(["config", "get", "token_secret", "--context", "home"]);
  assert.equal(shown.status, 0, shown.stderr);
  assert.equal((await px(["config", "unset", "token_secret"])).status, 0);
  assert.equal((await px(["config", "get", "token_secret"])).status, 3);
  const deleted = await px(["config", "delete-context", "home", "--yes"]);
  assert.equal(deleted.status, 0, deleted.stderr);
  assert.equal((await px(["config", "list", "--json"])).stdout, "[]\n");
});

Deno.test("config list shows what needs no key where the MAC is wrong, and says that it is not verified", async () => {
  await using sops = await startSopsLab();
  await configure(sops);
  const text = await Deno.readTextFile(fileOf(sops));
  await Deno.writeTextFile(fileOf(sops), text.replace("pve.example", "evil.example"));
  const { status, stdout, stderr } = await user(sops)(["config", "list"]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /default +evil\.example/);
  assert.match(stderr, /^! not verified: .*MAC does not match/);
  assert.equal((await user(sops)(["config", "get", "host"])).status, 4);
});

Deno.test("list goes by variables where they say it all and the config file cannot be decrypted", async () => {
  await using sops = await startSopsLab();
  await using lab = await startLab();
  await configure(sops);
  const text = await Deno.readTextFile(fileOf(sops));
  await Deno.writeTextFile(fileOf(sops), text.replace("pve.example", "evil.example"));
  const px = user(sops);
  const { status, stdout, stderr } = await px(["list", "--json"], { env: lab.simulator.env() });
  assert.deepEqual([status, stdout], [0, "[]\n"], stderr);
  assert.match(stderr, /the config file is not used, only variables: .*MAC does not match/);
  const { PROXMOX_TOKEN_SECRET: _, ...some } = lab.simulator.env();
  assert.equal((await px(["list"], { env: some })).status, 4);
  const named = await px(["list", "--context", "default"], { env: lab.simulator.env() });
  assert.equal(named.status, 4, "a file that is asked for is not left out");
});
