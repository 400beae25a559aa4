import assert from "node:assert/strict";
import { parse } from "yaml";
import { runCli } from "../lib/cli/run.ts";
import { VERSION } from "../lib/cli/version.ts";
import { startLab } from "./support/simulator.ts";
import { testWorld, type TestWorldOptions } from "./support/world.ts";

async function run(
  args: readonly string[],
  options: TestWorldOptions = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const world = testWorld(options);
  const status = await runCli(args, world);
  return { status, stdout: world.stdout(), stderr: world.stderr() };
}

const commands = [
  "create",
  "destroy",
  "list",
  "cleanup",
  "validate",
  "schema",
  "config",
  "demo",
  "simulator",
];

Deno.test("pxrun --help names every command and the exit statuses on standard output", async () => {
  const { status, stdout, stderr } = await run(["--help"]);
  assert.deepEqual([status, stderr], [0, ""]);
  for (const name of commands) assert.match(stdout, new RegExp(`^  ${name}\\b`, "m"));
  assert.match(stdout, /130 interrupted/);
});

Deno.test("pxrun COMMAND --help explains its flags", async () => {
  for (const name of commands) {
    const { status, stdout } = await run([name, "--help"]);
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^Usage: pxrun ${name}`));
  }
});

Deno.test("pxrun --version prints the version alone", async () => {
  assert.deepEqual(await run(["--version"]), { status: 0, stdout: `${VERSION}\n`, stderr: "" });
});

Deno.test("pxrun without a command prints the help on standard error and exits 2", async () => {
  const { status, stdout, stderr } = await run([]);
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /Usage: pxrun/);
});

Deno.test("pxrun suggests the command and the flag that were probably meant", async () => {
  const command = await run(["destory", "x"]);
  assert.equal(command.status, 2);
  assert.match(command.stderr, /Did you mean destroy\?/);
  const flag = await run(["create", "--hostnam", "x"]);
  assert.equal(flag.status, 2);
  assert.match(flag.stderr, /Did you mean --hostname\?/);
});

Deno.test("pxrun refuses an unknown format", async () => {
  const { status, stderr } = await run(["list", "--format", "xml"]);
  assert.equal(status, 2);
  assert.match(stderr, /Allowed choices are table, json, yaml/);
});

Deno.test("pxrun takes --format before and behind the command, in both spellings", async () => {
  await using lab = await startLab();
  for (
    const args of [
      ["--format", "json", "list"],
      ["list", "--format", "json"],
      ["list", "--format=json"],
    ]
  ) {
    assert.deepEqual(JSON.parse((await lab.run(args)).stdout), []);
  }
});

Deno.test("pxrun without credentials names every variable that is missing", async () => {
  const { status, stderr } = await run(["list"]);
  assert.equal(status, 2);
  for (const name of ["HOST", "TOKEN_ID", "TOKEN_SECRET"]) {
    assert.match(stderr, new RegExp(`PROXMOX_${name} is not set`));
  }
  assert.match(stderr, /hint: .*pxrun simulator --print-env/);
});

Deno.test("pxrun --format json and yaml print an error as data too", async () => {
  const json = await run(["list", "--format", "json"]);
  assert.equal(json.status, 2);
  assert.equal(JSON.parse(json.stdout).error.code, "USAGE");
  const yaml = await run(["list", "--format", "yaml"]);
  assert.equal(yaml.status, 2);
  assert.deepEqual(parse(yaml.stdout), JSON.parse(json.stdout));
});

Deno.test("pxrun --debug traces API calls without the token's secret", async () => {
  await using lab = await startLab();
  const { stderr } = await lab.run(["list", "--debug"]);
  assert.match(stderr, /^GET \/cluster\/resources type=vm$/m);
  assert.ok(!stderr.includes(lab.simulator.token.secret));
});

Deno.test("validate finds every problem of every file, with its place", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const good = `${folder}/good.yaml`;
    const bad = `${folder}/bad.yaml`;
    await Deno.writeTextFile(good, `container: { hostname: a, template: debian-13 }\n`);
    await Deno.writeTextFile(bad, `container:\n  hostname: a_b\n  templat: debian-13\n`);
    const fine = await run(["validate", good]);
    assert.deepEqual([fine.status, fine.stdout], [0, "1 recipe is valid\n"]);
    const { status, stderr } = await run(["validate", good, bad]);
    assert.equal(status, 2);
    assert.match(stderr, /bad\.yaml:2:\d+: /);
    assert.match(stderr, /bad\.yaml:3:3: .*did you mean template/);
    const json = await run(["validate", bad, "--format", "json"]);
    const { error } = JSON.parse(json.stdout);
    const lines = error.problems.map((problem: { line: number }) => problem.line);
    assert.deepEqual(lines, [1, 2, 3]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("validate reads standard input, and --no-env accepts what is not set", async () => {
  const stdin = 'container: { hostname: "a-${STAGE}", template: debian-13 }\n';
  const strict = await run(["validate", "-"], { stdin });
  assert.equal(strict.status, 2);
  assert.match(strict.stderr, /stdin:1:\d+: .*STAGE/);
  assert.equal((await run(["validate", "--no-env", "-"], { stdin })).status, 0);
  assert.equal((await run(["validate", "-"], { stdin, env: { STAGE: "dev" } })).status, 0);
});

Deno.test("validate of a file that is not there exits 3", async () => {
  const { status, stderr } = await run(["validate", "/nonexistent/x.yaml"]);
  assert.equal(status, 3);
  assert.match(stderr, /there is no file \/nonexistent\/x\.yaml\nhint: /);
});

Deno.test("schema prints the committed JSON Schema", async () => {
  const { stdout } = await run(["schema"]);
  const committed = await Deno.readTextFile(new URL("../recipe.schema.json", import.meta.url));
  assert.deepEqual(JSON.parse(stdout), JSON.parse(committed));
});

Deno.test("create asks at most five questions, and flags answer them beforehand", async () => {
  await using lab = await startLab();
  const asked = await lab.run(["create"], { answers: ["web-1", "", "debian-13", "", "y"] });
  assert.equal(asked.status, 0, asked.stderr);
  assert.deepEqual(lab.containers(), ["100 web-1"]);
  const flags = [
    "--hostname",
    "db-1",
    "--template",
    "debian-13",
    "--node",
    "pve02",
    "--cores",
    "1",
  ];
  const confirmed = await lab.run(["create", ...flags], { answers: [""] });
  assert.equal(confirmed.status, 0, confirmed.stderr);
  assert.equal(lab.simulator.cluster.cts.get(101)?.config["cores"], "1");
});

Deno.test("create asks again after an answer that will not do, and a no changes nothing", async () => {
  await using lab = await startLab();
  const answers = ["under_score", "web-1", "9", "pve02", "debian-13", "2 1024", "2 1024 10", "n"];
  const { status, stderr } = await lab.run(["create"], { answers });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /nothing was done/);
  assert.match(stderr, /on pve02/);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create ends with 130 when the answers end", async () => {
  await using lab = await startLab();
  const { status } = await lab.run(["create"], { answers: ["web-1"] });
  assert.equal(status, 130);
  assert.deepEqual(lab.containers(), []);
});

Deno.test("create without a terminal names the flags that are missing", async () => {
  const { status, stderr } = await run(["create"]);
  assert.equal(status, 2);
  assert.match(stderr, /--hostname and --template missing/);
});

Deno.test("create reads a broken recipe before it sends anything anywhere", async () => {
  const { status, stderr } = await run(["create", "-", "--yes"], { stdin: "container: {}\n" });
  assert.equal(status, 2);
  assert.doesNotMatch(stderr, /PROXMOX_HOST/);
});

Deno.test("create takes a recipe behind options that may be repeated", async () => {
  await using lab = await startLab();
  const stdin = "container: { hostname: a, template: debian-13 }\n";
  const args = ["create", "--tag", "dev", "--set", "container.resources.cores=3", "-"];
  const { status, stderr } = await lab.run(args, { stdin });
  assert.equal(status, 0, stderr);
  const config = lab.simulator.cluster.cts.get(100)?.config;
  assert.deepEqual([config?.["tags"], config?.["cores"]], ["dev", "3"]);
});

Deno.test("pxrun --format json prints a usage error as one JSON object", async () => {
  for (
    const args of [
      ["list", "--bogus", "--format", "json"],
      ["--format", "json", "crate"],
      ["schema", "a", "--format", "json"],
    ]
  ) {
    const { status, stdout } = await run(args);
    assert.equal(status, 2);
    assert.equal(JSON.parse(stdout).error.code, "USAGE");
  }
});

Deno.test("pxrun says what is wrong with a file that it cannot read, and calls it no bug", async () => {
  await using lab = await startLab();
  const ca = await lab.run(["list"], {
    env: { PROXMOX_FINGERPRINT: undefined, PROXMOX_CA_FILE: "/" },
  });
  assert.equal(ca.status, 2);
  assert.match(ca.stderr, /^error: cannot read \/: it is a folder\nhint: /);
  assert.equal((await run(["validate", "/"])).status, 2);
  assert.equal((await run(["simulator", "--port", "99999"])).status, 2);
});

Deno.test("validate tells the problems of every file, also when one is not there", async () => {
  const stdin = "container: {}\n";
  const { status, stderr } = await run(["validate", "-", "/nonexistent/x.yaml"], { stdin });
  assert.equal(status, 2);
  assert.match(stderr, /stdin:1:\d+: /);
  assert.match(stderr, /there is no file \/nonexistent\/x\.yaml/);
});
