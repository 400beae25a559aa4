import assert from "node:assert/strict";
import type { CommandUnknownOpts } from "../../deps/commander.ts";
import { parse } from "../../deps/yaml.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { otherWords } from "../../lib/cli/app/help/other_words.ts";
import { createProgram } from "../../lib/cli/app/program.ts";
import { VERSION } from "../../lib/cli/app/version.ts";
import { startLab } from "../support/simulator.ts";
import { testPlatform, type TestPlatformOptions } from "../support/platform.ts";

async function run(
  args: readonly string[],
  options: TestPlatformOptions = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const platform = testPlatform(options);
  const status = await runCli(args, platform);
  return { status, stdout: platform.stdout(), stderr: platform.stderr() };
}

/** Every command, each with the names that lead to it. */
function allCommands(
  command: CommandUnknownOpts = createProgram(testPlatform(), [], runCli),
): readonly (readonly string[])[] {
  return command.commands.flatMap((one) => [
    [one.name()],
    ...allCommands(one).map((names) => [one.name(), ...names]),
  ]);
}

Deno.test("pxrun --help names every command in a group, and the exit statuses, on standard output", async () => {
  const { status, stdout, stderr } = await run(["--help"]);
  assert.deepEqual([status, stderr], [0, ""]);
  for (const [name, ...sub] of allCommands()) {
    if (sub.length === 0) assert.match(stdout, new RegExp(`^  ${name} +\\S`, "m"));
  }
  const headings = [...stdout.matchAll(/^([A-Z][\w ]+):$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, [
    "First use",
    "Containers",
    "Inside a container",
    "Recipes",
    "Cluster",
    "Other",
    "Options",
    "Examples",
  ]);
  assert.match(stdout, /130 interrupted/);
});

Deno.test("pxrun COMMAND --help has examples and the global options, whatever the command", async () => {
  for (const names of allCommands()) {
    const { status, stdout } = await run([...names, "--help"]);
    const shown = names.join(" ");
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^Usage: pxrun ${shown}`));
    assert.match(stdout, /^Examples:\n {2}.*pxrun /m, shown);
    assert.match(stdout, /^Global options: .*--format/m, shown);
    assert.match(stdout, /^ {2}-h, --help/m, shown);
    assert.equal((await run(["help", ...names])).stdout, stdout, shown);
    assert.doesNotMatch(
      stdout,
      /; else|folders?\b|so many|again and again|\b(mend|in vain|is told|anew|whoever|bring about|for ever|is gone|fleet)\b/,
      shown,
    );
  }
});

Deno.test("pxrun --help and COMMAND --help fold at the width of the terminal, never inside a word", async () => {
  for (const names of [[], ...allCommands()]) {
    const words = async (columns: number | undefined): Promise<readonly string[]> => {
      const platform = testPlatform();
      const terminal = { ...platform.terminal, columns: () => columns ?? 0 };
      const stdoutIsTerminal = columns !== undefined;
      await runCli([...names, "--help"], {
        ...platform,
        terminal: { ...terminal, stdoutIsTerminal },
      });
      const lines = platform.stdout().split("\n");
      const most = Math.min(Math.max(columns ?? 80, 40), 100);
      for (const line of lines) {
        const only = line.trim().split(" ").length === 1;
        assert.ok(line.length <= most || only, `${names} at ${columns}: ${line}`);
      }
      return platform.stdout().split(/\s+/).toSorted();
    };
    const usual = await words(undefined);
    for (const columns of [20, 40, 60, 120, 200]) assert.deepEqual(await words(columns), usual);
  }
});

Deno.test("pxrun help of what is no command says so, and so does --help behind it", async () => {
  for (const args of [["help", "nosuch"], ["nosuch", "--help"], ["config", "nosuch", "-h"]]) {
    const { status, stdout, stderr } = await run(args);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^error: there is no command (config )?nosuch\nhint: pxrun /);
  }
  assert.match((await run(["help", "remove"])).stderr, /pxrun help destroy/);
});

Deno.test("pxrun leads from the words of other tools to its own, with the rest of the line", async () => {
  for (
    const [args, hint] of [
      ["delete web-1 --yes", "pxrun destroy web-1 --yes"],
      ["remove web-1 -f", "pxrun destroy web-1 -f"],
      ["ps --ips", "pxrun list --ips"],
      ["--context lab ps", "pxrun --context lab list"],
      ["enter web-1", "pxrun shell web-1"],
      ["console 100", "pxrun shell 100"],
      ["version", "pxrun --version"],
      ["cp app.conf web-1:/tmp", "pxrun push web-1 app.conf /tmp"],
      ["scp root@web-1:/etc/hosts .", "pxrun pull web-1 /etc/hosts ."],
      ["push app.conf web-1:/tmp", "pxrun push web-1 app.conf /tmp"],
      ["push app.conf web-1:app.conf", "pxrun push web-1 app.conf /root/app.conf"],
      ["pull web-1:/etc/hosts .", "pxrun pull web-1 /etc/hosts ."],
      ["cp -r site web-1:/srv", "pxrun push web-1 site /srv"],
      ["exec web-1 ls -la /etc", "pxrun exec web-1 -- ls -la /etc"],
      ["exec web-1 grep -v foo /etc/fstab", "pxrun exec web-1 -- grep -v foo /etc/fstab"],
      ["exec --timings web-1 uname --all", "pxrun exec --timings web-1 -- uname --all"],
      ["rm -f web-1", "pxrun rm --yes web-1"],
      ["destroy -rf web-1", "pxrun destroy --yes web-1"],
      ["create -f web.yaml", "recipes are named without an option"],
      ["exec -it web-1 bash", "pxrun shell web-1"],
      ["create --name web-1", "pxrun create --hostname web-1"],
      ["create --ram=512", "pxrun create --memory=512"],
      ["create --hostnam x", "pxrun create --hostname x"],
      ["list --yaml", "pxrun list --format yaml"],
      ["push -r web-1 site /srv", "directories are copied whole"],
      ["destory x", "pxrun destroy x"],
      ["config lst", "pxrun config list"],
    ] as const
  ) {
    const { status, stderr } = await run(args.split(" "));
    assert.equal(status, args.startsWith("exec") ? 125 : 2, args);
    assert.ok(stderr.includes(hint), `${args}: ${stderr}`);
    assert.match(stderr, /^error: .*\nhint: .*\n$/, args);
  }
});

Deno.test("pxrun says of what comes later that it is not there yet, and what helps now", async () => {
  for (
    const [args, hint] of [
      ["stop web-1", "pxrun exec web-1 -- poweroff"],
      ["start web-1", "pct start"],
      ["reboot web-1", "pxrun exec web-1 -- reboot"],
      ["ssh root@web-1", "pxrun shell web-1"],
      ["logs web-1", "pxrun exec web-1 -- journalctl"],
      ["inspect web-1", "pxrun list"],
      ["up web.yaml", "pxrun create web.yaml"],
      ["apply -f web.yaml", "pxrun create web.yaml"],
      ["run debian-13", "pxrun exec NAME -- COMMAND"],
    ] as const
  ) {
    const { status, stdout, stderr } = await run([...args.split(" "), "--format", "json"]);
    assert.equal(status, 2, args);
    assert.match(stderr, /is not available in this version\n/);
    assert.ok(JSON.parse(stdout).error.hint.includes(hint), stdout);
  }
});

Deno.test("otherWords has no word that is a command, and leads to commands that exist", () => {
  const program = createProgram(testPlatform(), [], runCli);
  const words = program.commands.flatMap((one) => [one.name(), ...one.aliases()]);
  for (const [word, other] of otherWords) {
    assert.ok(!words.includes(word), word);
    if ("later" in other) {
      assert.ok(!words.includes(other.later), `${other.later} exists now`);
      for (const [, named = ""] of other.now.matchAll(/pxrun (\w+)/g)) {
        assert.ok(words.includes(named), `${word}: ${named}`);
      }
    } else assert.ok([...words, "cp", "--version"].includes(other.same), word);
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
      ["--json", "list"],
      ["list", "--json"],
      ["list", "-o", "json"],
      ["-o", "json", "list"],
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
  const directory = await Deno.makeTempDir();
  try {
    const good = `${directory}/good.yaml`;
    const bad = `${directory}/bad.yaml`;
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
    await Deno.remove(directory, { recursive: true });
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
  assert.match(stderr, /file \/nonexistent\/x\.yaml not found\nhint: /);
});

Deno.test("schema prints the committed JSON Schema", async () => {
  const { stdout } = await run(["schema"]);
  const committed = await Deno.readTextFile(new URL("../../recipe.schema.json", import.meta.url));
  assert.deepEqual(JSON.parse(stdout), JSON.parse(committed));
});

Deno.test("create asks at most five questions, and flags answer them beforehand", async () => {
  await using lab = await startLab();
  const asked = await lab.run(["create"], { answers: ["web-1", "", "", "y"] });
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
  const confirmed = await lab.run(["create", ...flags], { answers: ["", ""] });
  assert.equal(confirmed.status, 0, confirmed.stderr);
  assert.equal(lab.simulator.cluster.cts.get(101)?.config["cores"], "1");
});

Deno.test("create asks again after an answer that will not do, and a no changes nothing", async () => {
  await using lab = await startLab();
  const answers = ["under_score", "web-1", "99", "debian-13", "2 1024", "2 1024 10", "n"];
  const { status, stderr } = await lab.run(["create", "--node", "pve02"], { answers });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /cancelled\n$/);
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
  assert.match(ca.stderr, /^error: cannot read \/: it is a directory\nhint: /);
  assert.equal((await run(["validate", "/"])).status, 2);
  assert.equal((await run(["simulator", "--port", "99999"])).status, 2);
});

Deno.test("validate tells the problems of every file, also when one is not there", async () => {
  const stdin = "container: {}\n";
  const { status, stderr } = await run(["validate", "-", "/nonexistent/x.yaml"], { stdin });
  assert.equal(status, 2);
  assert.match(stderr, /stdin:1:\d+: /);
  assert.match(stderr, /file \/nonexistent\/x\.yaml not found/);
});
