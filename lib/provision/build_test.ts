import assert from "node:assert/strict";
import { Secret } from "../core/secret.ts";
import type { Provisioning } from "../recipe/schema/types.ts";
import { buildSteps } from "./build.ts";
import { checkScript } from "./step.ts";
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

/** The script that is written into the container, and what runs it, of a source with these bytes. */
async function scriptOf(bytes: Uint8Array): Promise<string> {
  const script = { name: "s", source: "s", environment: {}, timeout: 1, continue_on_error: false };
  const [step] = (await buildSteps(
    { packages: [], users: [], ssh_keys: [], files: [], docker: false, scripts: [script] },
    { sshKeys: [], sources: new Map([["s", bytes]]) },
  )).filter(({ kind }) => kind === "scripts");
  assert.ok(step);
  return actScript(step);
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("buildSteps() takes the interpreter of a source from its first line", async () => {
  const cases: readonly [text: string, program: string][] = [
    ["#!/bin/bash\n[[ 1 ]]\n", "/bin/bash"],
    ["#!/usr/bin/env python3\n", "python3"],
    ["#!/usr/bin/env -S perl -w\r\n", "perl -w"],
    ["\ufeff#!/bin/bash -eu\r\n", "/bin/bash -eu"],
    ["#!/bin/bash\recho\r", "/bin/bash"],
    ["#!/usr/bin/env -Sperl -w\n", "perl -w"],
    ["#!/usr/bin/env -i bash\n", "/usr/bin/env -i bash"],
    ["#!/usr/bin/env -S A=1 bash\n", "/usr/bin/env -S A=1 bash"],
    ["#!/usr/bin/env A=1 bash\n", "/usr/bin/env A=1 bash"],
    ["#!/usr/bin/env -vS bash\n", "/usr/bin/env -vS bash"],
    ["#!\necho hi\n", "sh"],
    ["echo #!/bin/bash\n", "sh"],
    ["", "sh"],
  ];
  for (const [text, program] of cases) {
    const script = await scriptOf(bytesOf(text));
    assert.ok(script.includes(`set -- "$@" ${program} "$pxrun/script"`), text);
  }
});

Deno.test("buildSteps() gives a script the line ends of the container", async () => {
  const lf = await scriptOf(bytesOf("#!/bin/sh\nmkdir -p /root/new\n"));
  for (
    const text of [
      "#!/bin/sh\r\nmkdir -p /root/new\r\n",
      "#!/bin/sh\rmkdir -p /root/new\r",
      "\ufeff#!/bin/sh\nmkdir -p /root/new\n",
    ]
  ) {
    assert.equal(await scriptOf(bytesOf(text)), lf);
  }
  // A return that is not that of a line end stays, and so does a file that is not written so.
  const kept = await scriptOf(bytesOf("#!/bin/sh\nprintf 'a\r\n'\n"));
  assert.notEqual(kept, await scriptOf(bytesOf("#!/bin/sh\nprintf 'a\n'\n")));
});

Deno.test("buildSteps() refuses a script in UTF-16", async () => {
  const wide = Uint8Array.from("\xff\xfee\0c\0h\0o\0", (char) => char.charCodeAt(0));
  await assert.rejects(scriptOf(wide), { code: "INVALID_RECIPE" });
});
