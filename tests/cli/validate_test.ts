import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "../../lib/cli/app/run.ts";
import { testPlatform } from "../support/platform.ts";

interface Found {
  readonly status: number;
  /** `line:column path`, or the path alone. */
  readonly problems: readonly string[];
  readonly stderr: string;
}

/** What validate says of a recipe beside some files. */
async function validate(
  recipe: string | Uint8Array,
  files: Readonly<Record<string, string | Uint8Array>> = {},
  args: readonly string[] = [],
): Promise<Found> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-validate-" });
  const bytesOf = (content: string | Uint8Array): Uint8Array =>
    typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    for (const [name, content] of Object.entries({ ...files, "web.yaml": recipe })) {
      await Deno.writeFile(join(directory, name), bytesOf(content));
    }
    const platform = { ...testPlatform(), cwd: directory, home: directory };
    const status = await runCli(["validate", "web.yaml", "--format", "json", ...args], platform);
    const data: {
      error?: { problems: { path: string; file?: string; line?: number; column?: number }[] };
    } = JSON.parse(platform.stdout());
    const problems = (data.error?.problems ?? []).map(({ path, line, column }) =>
      line === undefined ? path : `${line}:${column} ${path}`
    );
    return { status, problems, stderr: platform.stderr() };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const HEAD = "container: { hostname: web-1, template: debian-13 }\nprovisioning:\n";

Deno.test("validate finds the local files that are missing, each at its place", async () => {
  const recipe = `${HEAD}  ssh_keys: [~/.ssh/id.pub]
  users: [{ username: dev, ssh_keys: [dev.pub] }]
  files: [{ path: /etc/a, source: a.conf }]
  scripts: [{ source: ./setup.sh }]
`;
  const missing = await validate(recipe);
  assert.equal(missing.status, 2);
  assert.deepEqual(missing.problems, [
    "3:14 provisioning.ssh_keys[0]",
    "4:39 provisioning.users[0].ssh_keys[0]",
    "5:35 provisioning.files[0].source",
    "6:23 provisioning.scripts[0].source",
  ]);
  const files = { "a.conf": "", "setup.sh": "", "dev.pub": "" };
  const hook = await validate(recipe, files, ["--no-env"]);
  assert.deepEqual([hook.status, hook.problems], [0, []]);
});

Deno.test("validate fetches no keys of an address", async () => {
  const { status } = await validate(`${HEAD}  ssh_keys: [https://example.invalid/me.keys]\n`);
  assert.equal(status, 0);
});

Deno.test("validate refuses what no script can be made of, as create would", async () => {
  const keys = { "a.pub": "no key\n" };
  const { status, stderr } = await validate(`${HEAD}  ssh_keys: [a.pub]\n`, keys);
  assert.equal(status, 2);
  assert.match(stderr, /provisioning\.ssh_keys\[0\]/);
});

Deno.test("validate refuses time zones that there are not, and takes locales as they are spelled", async () => {
  const { problems } = await validate(`${HEAD}  timezone: Europe/Berln\n  locale: en_US.utf8\n`);
  assert.deepEqual(problems, ["3:13 provisioning.timezone"]);
});

Deno.test("validate names the place of the first byte that is not UTF-8", async () => {
  const recipe = latin1(`${HEAD}  files: [{ path: /etc/motd, content: "Gr\xfc\xdfe" }]\n`);
  const { status, problems, stderr } = await validate(recipe);
  assert.deepEqual([status, problems], [2, ["3:42 "]]);
  assert.match(stderr, /\bFC\b/);
  const wide = latin1("\xff\xfe" + [...HEAD].join("\0") + "\0");
  assert.match((await validate(wide)).stderr, /web\.yaml:1:1: .*UTF-16/);
});

Deno.test("validate names the place in a public key file that is not UTF-8", async () => {
  const keys = { "a.pub": latin1("\xff\xfes\0s\0h\0") };
  const { status, stderr } = await validate(`${HEAD}  ssh_keys: [a.pub]\n`, keys);
  assert.equal(status, 2);
  assert.match(stderr, /a\.pub:1:1: .*UTF-16/);
});

const KEY = `ssh-ed25519 ${btoa(`\0\0\0\x0bssh-ed25519\0\0\0 ${"k".repeat(32)}`)}`;

Deno.test("validate names the line of a key file that is no public key, at its place in the recipe", async () => {
  const cases: readonly [text: string, line: number][] = [
    [`${KEY} me\nhello\n`, 2],
    [`# mine\n${KEY.replace(" ", "\u00a0")}\n`, 2],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n", 1],
    ["PuTTY-User-Key-File-3: ssh-ed25519\n", 1],
    [`---- BEGIN SSH2 PUBLIC KEY ----\n${KEY.slice(12)}\n---- END SSH2 PUBLIC KEY ----\n`, 1],
    [`${KEY.slice(0, 40)}\n${KEY.slice(40)}\n`, 2],
    [KEY.replace("ed25519 ", "ed25519-cert-v01@openssh.com "), 1],
    ["<!DOCTYPE html>\n", 1],
  ];
  for (const [text, line] of cases) {
    const found = await validate(`${HEAD}  ssh_keys: [a.pub]\n`, { "a.pub": text });
    assert.deepEqual([found.status, found.problems], [2, ["3:14 provisioning.ssh_keys[0]"]], text);
    assert.ok(found.stderr.includes(`a.pub:${line}:1: `), found.stderr);
  }
  for (const text of [`\ufeff${KEY}\r\nno-pty ${KEY} b\r\n`, `${KEY}\r# c\r${KEY} d\r`]) {
    const found = await validate(`${HEAD}  ssh_keys: [a.pub]\n`, { "a.pub": text });
    assert.deepEqual([found.status, found.problems], [0, []], text);
  }
});

Deno.test("validate names the place of what is a directory and should be a file", async () => {
  const recipe = `${HEAD}  ssh_keys: [/proc/self.pub, /dev/../dev/.pub]
  files: [{ path: /a, source: . }, { path: /b, source: /proc }]
`;
  const { status, problems } = await validate(recipe);
  assert.deepEqual([status, problems], [2, [
    "3:14 provisioning.ssh_keys[0]",
    "3:30 provisioning.ssh_keys[1]",
    "4:31 provisioning.files[0].source",
    "4:56 provisioning.files[1].source",
  ]]);
});

Deno.test("validate refuses a key file without a key, with which nobody could log in", async () => {
  for (const text of ["", "\n# none yet\n"]) {
    const { status, problems } = await validate(`${HEAD}  ssh_keys: [a.pub]\n`, { "a.pub": text });
    assert.deepEqual([status, problems], [2, ["3:14 provisioning.ssh_keys[0]"]]);
  }
});

Deno.test("validate names the place of what no account, file or script can have, also in a hook", async () => {
  const recipe = `${HEAD}  users:
    - { username: a, home: "/srv:a" }
    - { username: b, shell: "/bin:b" }
    - { username: ALL, groups: [wheel] }
  files: [{ path: /a, content: x, owner: a$ }]
  scripts: [{ content: x, run_as: a$ }]
`;
  for (const args of [[], ["--no-env"]]) {
    const { problems } = await validate(recipe, {}, args);
    assert.deepEqual(problems, [
      "4:28 provisioning.users[0].home",
      "5:29 provisioning.users[1].shell",
      "6:19 provisioning.users[2].username",
      "7:42 provisioning.files[0].owner",
      "8:35 provisioning.scripts[0].run_as",
    ]);
  }
});

Deno.test("validate refuses a mode of fewer than three digits", async () => {
  for (const mode of ['""', "4", "44", '"0o4"']) {
    const { problems } = await validate(
      `${HEAD}  files: [{ path: /a, content: x, mode: ${mode} }]\n`,
    );
    assert.deepEqual(problems, ["3:41 provisioning.files[0].mode"], mode);
  }
});

Deno.test("validate names the place of a script in UTF-16", async () => {
  const script = latin1("\xff\xfee\0c\0h\0o\0");
  const found = await validate(`${HEAD}  scripts: [{ source: s.sh }]\n`, { "s.sh": script });
  assert.deepEqual([found.status, found.problems], [2, ["3:23 provisioning.scripts[0].source"]]);
  assert.match(found.stderr, /s\.sh:1:1: .*UTF-16/);
  const binary = await validate(`${HEAD}  files: [{ path: /a, source: s.sh }]\n`, {
    "s.sh": script,
  });
  assert.equal(binary.status, 0);
});
