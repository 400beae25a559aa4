import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import type { Provisioning } from "../../recipe/types.ts";
import { buildSteps } from "./build.ts";
import { checkScript } from "./checks.ts";
import { actScript } from "./step.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOneOneOneOneOneOneOneOneOneOneOneOneOneOneOne";
const HOSTILE = "it's \"$(x)\" `y` \\ \n }; { ) ( 'EOF'\n";

const WISHES: Provisioning = {
  locale: "de_DE.UTF-8",
  timezone: "Europe/Berlin",
  packages: ["curl", "g++", "nginx=1.2.*"],
  users: [{
    username: "dev",
    groups: ["sudo"],
    home: `/home/${HOSTILE.trim().replace("\n", "")}`,
    ssh_keys: [KEY],
  }],
  ssh_keys: [KEY],
  files: [
    { path: `/srv/${HOSTILE}x`, content: new Secret(HOSTILE), mode: "0644", owner: "dev:staff" },
    { path: "/etc/local", source: "./local", mode: "4755", owner: "0" },
  ],
  docker: { source: "official", users: ["dev"], compose: true },
  scripts: [{
    name: "setup",
    interpreter: "bash -e",
    content: HOSTILE,
    run_as: "dev",
    working_dir: `/srv/${HOSTILE}`,
    environment: { A: HOSTILE, B: new Secret("hunter22") },
    timeout: 600,
    continue_on_error: true,
  }, {
    name: "other",
    interpreter: "python3",
    source: "./script.py",
    environment: {},
    timeout: 1,
    continue_on_error: false,
  }],
};

const SOURCES = new Map([["./local", Uint8Array.of(0, 255)], ["./script.py", Uint8Array.of(10)]]);

const build = (): ReturnType<typeof buildSteps> =>
  buildSteps(WISHES, { sshKeys: [KEY], userKeys: [[KEY]], sources: SOURCES });

Deno.test("buildSteps() puts the steps in their order", async () => {
  const steps = await build();
  assert.deepEqual(
    steps.map(({ id, kind, title, check }) => [id, kind, title, check !== undefined]),
    [
      ["network", "network", "wait for name resolution", false],
      ["locale", "locale", "locale de_DE.UTF-8", true],
      ["timezone", "timezone", "time zone Europe/Berlin", true],
      ["packages", "packages", "packages curl, g++, nginx=1.2.*", true],
      ["users[0]", "users", "user dev", true],
      ["ssh_keys", "ssh_keys", "ssh key of root", true],
      ["files[0]", "files", `file /srv/${HOSTILE.replaceAll("\n", "?")}x`, true],
      ["files[1]", "files", "file /etc/local", true],
      ["docker", "docker", "docker", true],
      ["scripts[0]", "scripts", "script setup", false],
      ["scripts[1]", "scripts", "script other", false],
    ],
  );
  assert.deepEqual(steps.map(({ continueOnError }) => continueOnError).indexOf(true), 9);
  assert.equal(steps[9]?.timeout, 600_000);
  const secrets = steps.map((step) => step.secrets.map((secret) => secret.reveal()));
  assert.deepEqual(secrets, [[], [], [], [], [], [], [HOSTILE], [], [], ["hunter22"], []]);
});

Deno.test("buildSteps() makes nothing of nothing", async () => {
  const { locale: _, timezone: _zone, ...lists } = WISHES;
  const empty: Provisioning = {
    ...lists,
    docker: false,
    timezone: "host",
    packages: [],
    users: [],
    files: [],
    scripts: [],
  };
  assert.deepEqual(await buildSteps(empty, { sshKeys: [], sources: new Map() }), []);
});

Deno.test("buildSteps() makes scripts that sh can read", async () => {
  const steps = await build();
  const checks = steps.flatMap((step) => step.check ?? []);
  for (const script of [...steps.map(actScript), ...checks, checkScript(checks, "marker")]) {
    const child = new Deno.Command("sh", { args: ["-n", "-s"], stdin: "piped", stderr: "piped" })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(script));
    await writer.close();
    const { success, stderr } = await child.output();
    assert.ok(success, `${new TextDecoder().decode(stderr)}\n${script}`);
  }
});

Deno.test("buildSteps() keeps content out of checks", async () => {
  const large = { ...WISHES, scripts: [], packages: [] };
  const sources = new Map([["./local", new Uint8Array(1_000_000)]]);
  const steps = await buildSteps(large, { sshKeys: [], sources });
  for (const { check } of steps) assert.ok((check ?? "").length < 2500);
});

Deno.test("buildSteps() refuses a source that nobody read", async () => {
  await assert.rejects(buildSteps(WISHES, { sshKeys: [], sources: new Map() }), {
    code: "INVALID_RECIPE",
    message: "provisioning.files[1] has neither content nor source",
  });
});
