import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import { connect } from "../../lib/cluster/connect.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { testPlatform, type TestPlatformOptions } from "../support/platform.ts";

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory for a config file, and a way to run commands with it. */
class Place implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "pxrun-config-" });
  readonly file = `${this.directory}/pxrun/config.yaml`;

  async write(text: string, mode = 0o600): Promise<void> {
    await Deno.mkdir(`${this.directory}/pxrun`, { recursive: true });
    await Deno.writeTextFile(this.file, text, { mode });
    await Deno.chmod(this.file, mode);
  }

  async run(args: readonly string[], options: TestPlatformOptions = {}): Promise<Ran> {
    const platform = testPlatform({
      ...options,
      env: { XDG_CONFIG_HOME: this.directory, ...options.env },
    });
    const status = await runCli(args, platform);
    return { status, stdout: platform.stdout(), stderr: platform.stderr() };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Deno.remove(this.directory, { recursive: true });
  }
}

/** A context for the simulator, without the token's secret, which stays in the environment. */
function contextFor({ simulator }: Lab, extra = ""): string {
  const env = simulator.env();
  const nodes = (env["PXRUN_SSH_NODES"] ?? "").split(",")
    .map((entry) => `        ${entry.replace("=", ": ")}\n`).join("");
  return `contexts:
  home:
    host: ${env["PROXMOX_HOST"]}
    token_id: ${env["PROXMOX_TOKEN_ID"]}
    fingerprint: "${env["PROXMOX_FINGERPRINT"]}"
    ssh:
      key: ${env["SSH_KEY_PATH"]}
      known_hosts: ${env["PXRUN_KNOWN_HOSTS"]}
      nodes:
${nodes}${extra}`;
}

function secretOf({ simulator }: Lab): Record<string, string> {
  return { PROXMOX_TOKEN_SECRET: simulator.token.secret };
}

Deno.test("list takes the connection from the config file, and the secret from the environment", async () => {
  await using lab = await startLab();
  await using place = new Place();
  await place.write(contextFor(lab));
  const { status, stdout, stderr } = await place.run(["list", "--format", "json"], {
    env: secretOf(lab),
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), []);
});

Deno.test("create fills a recipe from the context's defaults, and provisions over its SSH nodes", async () => {
  await using lab = await startLab();
  await using place = new Place();
  const defaults = `    defaults:
      node: pve02
      template: debian-13
      bridge: vmbr0
`;
  await place.write(contextFor(lab, defaults));
  const recipe = `${place.directory}/web.yaml`;
  await Deno.writeTextFile(
    recipe,
    "container: { hostname: web-1 }\nprovisioning: { files: [{ path: /etc/a, content: a }] }\n",
  );
  const { status, stdout, stderr } = await place.run(
    ["create", recipe, "--yes", "--format", "json"],
    { env: secretOf(lab) },
  );
  assert.equal(status, 0, stderr);
  assert.equal(JSON.parse(stdout).node, "pve02");
  const flags = ["create", "--hostname", "b", "--node", "pve01", "--yes", "--format", "json"];
  const own = await place.run(flags, { env: secretOf(lab) });
  assert.equal(JSON.parse(own.stdout).node, "pve01", own.stderr);
});

Deno.test("addresses of nodes are blamed on the config file that they stand in, else on the variable", async () => {
  await using lab = await startLab();
  await using place = new Place();
  await place.write(contextFor(lab));
  const good = { env: secretOf(lab) };
  const { stdout } = await place.run(["doctor"], good);
  assert.match(stdout, /^✓ ssh +pve01 as .* \(from the config file\): /m);
  const setting = { env: { ...good.env, PXRUN_SSH_NODES: lab.simulator.env()["PXRUN_SSH_NODES"] } };
  assert.match(
    (await place.run(["doctor"], setting)).stdout,
    /pve01 as .* \(from PXRUN_SSH_NODES\): /,
  );
  await place.write(contextFor(lab, "        pve03: root@host:0\n"));
  const said = `contexts.home.ssh.nodes in ${place.file} is wrong:`;
  for (const args of [["list"], ["doctor"]]) {
    const { stdout, stderr } = await place.run(args, good);
    const printed = stdout + stderr;
    assert.ok(printed.includes(said) && !printed.includes("PXRUN_SSH_NODES"), printed);
  }
});

Deno.test("connect() lets the environment win over the file, and a script over both", async () => {
  await using lab = await startLab();
  await using place = new Place();
  await place.write(contextFor(lab).replace(/token_id: .*/, "token_id: file@pve!one"));
  const env = { ...secretOf(lab), XDG_CONFIG_HOME: place.directory };
  const tokenId = async (more: Record<string, string>, options = {}): Promise<string> => {
    await using cluster = await connect(testPlatform({ env: { ...env, ...more } }), options);
    return cluster.tokenId;
  };
  assert.equal(await tokenId({}), "file@pve!one");
  assert.equal(await tokenId({ PROXMOX_TOKEN_ID: "env@pve!two" }), "env@pve!two");
  const options = { tokenId: "flag@pve!three", tokenSecret: "its-own" };
  assert.equal(await tokenId({ PROXMOX_TOKEN_ID: "env@pve!two" }, options), "flag@pve!three");
});

Deno.test("a config file that others can read is refused with the chmod line", async () => {
  await using place = new Place();
  for (const mode of [0o640, 0o604, 0o620]) {
    await place.write("contexts: {}\n", mode);
    const { status, stderr } = await place.run(["list"]);
    assert.equal(status, 4);
    assert.match(stderr, new RegExp(`open to others \\(mode 0${mode.toString(8)}\\)`));
    assert.match(stderr, new RegExp(`hint: chmod 600 ${place.file}`));
  }
});

Deno.test("a config file that is wrong is refused with file:line:column", async () => {
  await using place = new Place();
  await place.write("contexts:\n  home:\n    hots: a\n    token_secret: MARK\n");
  const { status, stderr } = await place.run(["list"]);
  assert.equal(status, 2);
  assert.match(stderr, /config\.yaml:3:5: contexts\.home\.hots is not a key; did you mean host\?/);
  assert.match(stderr, /config\.yaml:4:19: .*token_secret holds a secret in plain text/);
  assert.match(stderr, /hint: .*pxrun config set contexts\.home\.token_secret/);
  assert.ok(!stderr.includes("MARK"));
});

Deno.test("--context, PXRUN_CONTEXT and current_context choose in this order", async () => {
  await using place = new Place();
  const contexts =
    "contexts: { a: { host: 1.1.1.1 }, b: { host: 2.2.2.2 }, c: { host: 3.3.3.3 } }\n";
  await place.write(`current_context: a\n${contexts}`);
  const host = async (args: string[], env = {}): Promise<string> =>
    (await place.run(["config", "get", "host", ...args], { env })).stdout.trim();
  assert.equal(await host([]), "1.1.1.1");
  assert.equal(await host([], { PXRUN_CONTEXT: "b" }), "2.2.2.2");
  assert.equal(await host(["--context", "c"], { PXRUN_CONTEXT: "b" }), "3.3.3.3");
  assert.equal(await host(["--context=c"]), "3.3.3.3");
  await place.write(contexts);
  const none = await place.run(["list"]);
  assert.equal(none.status, 2);
  assert.match(
    none.stderr,
    /has several contexts, and none is chosen\nhint: name one: --context a/,
  );
  const wrong = await place.run(["list", "--context", "bb"]);
  assert.equal(wrong.status, 3);
  assert.match(wrong.stderr, /there is no context bb .*\nhint: did you mean b\?/);
});

Deno.test("a config file that is named and not there exits 3", async () => {
  await using place = new Place();
  for (
    const [args, env] of [
      [["--config", "/nonexistent/c.yaml"], {}],
      [[], { PXRUN_CONFIG: "/nonexistent/c.yaml" }],
      [["--context", "home"], {}],
    ] as const
  ) {
    const { status, stderr } = await place.run(["list", ...args], { env });
    assert.equal(status, 3);
    assert.match(stderr, /there is no config file .*\nhint: .*pxrun config set/);
  }
  const contexts = await place.run(["config", "list", "--config", "/nonexistent/c.yaml"]);
  assert.deepEqual([contexts.status, contexts.stdout], [3, ""]);
  assert.match(contexts.stderr, /there is no config file .*\nhint: .*pxrun config set/);
  // Whoever has named none has no contexts.
  assert.equal((await place.run(["config", "list", "--format", "json"])).stdout, "[]\n");
});

Deno.test("config set makes the file for its owner alone, and keeps comments", async () => {
  await using place = new Place();
  assert.deepEqual(await place.run(["config", "path"]), {
    status: 0,
    stdout: `${place.file}\n`,
    stderr: "",
  });
  assert.equal((await place.run(["config", "set", "host", "pve.example"])).status, 0);
  assert.equal(((await Deno.stat(place.file)).mode ?? 0) & 0o777, 0o600);
  assert.equal(
    await Deno.readTextFile(place.file),
    "current_context: default\ncontexts:\n  default:\n    host: pve.example\n",
  );
  await place.write("# mine\ncontexts:\n  home:\n    host: a # old\n");
  assert.equal((await place.run(["config", "set", "ssh.nodes.pve01", "root@10.0.0.1"])).status, 0);
  assert.equal((await place.run(["config", "set", "pool"], { stdin: "dev\n" })).status, 0);
  assert.equal(
    await Deno.readTextFile(place.file),
    "# mine\ncontexts:\n  home:\n    host: a # old\n    ssh:\n      nodes:\n" +
      "        pve01: root@10.0.0.1\n    pool: dev\n",
  );
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${place.directory}/pxrun`)) names.push(name);
  assert.deepEqual(names, ["config.yaml"]);
});

Deno.test("config set takes no secret from the command line, and nothing that does not fit", async () => {
  await using place = new Place();
  const secret = await place.run(["config", "set", "token_secret", "MARK"]);
  assert.equal(secret.status, 2);
  assert.match(secret.stderr, /not taken from the command line/);
  assert.ok(!secret.stderr.includes("MARK"));
  for (
    const [args, pattern] of [
      [["hots", "a"], /default\.hots is not a key; did you mean host\?/],
      [["port", "0"], /must be a port/],
      [["host"], /there is no value for contexts\.default\.host/],
      [["a..b", "x"], /is not a path/],
    ] as const
  ) {
    const { status, stderr } = await place.run(["config", "set", ...args]);
    assert.equal(status, 2);
    assert.match(stderr, pattern);
  }
  assert.equal(await Deno.stat(place.file).then(() => true, () => false), false);
});

Deno.test("config use and list show which context is in use", async () => {
  await using place = new Place();
  await place.write("contexts: { a: { host: 1.1.1.1 }, b: { user: me@pam } }\n");
  assert.equal((await place.run(["config", "use", "b"])).status, 0);
  const { stdout } = await place.run(["config", "list"]);
  assert.equal(
    stdout,
    "   CONTEXT  HOST     AS\n   a        1.1.1.1  -\n*  b        -        me@pam\n",
  );
  const rows = JSON.parse((await place.run(["config", "list", "--format", "json"])).stdout);
  assert.deepEqual(rows[1], { name: "b", current: true, host: null, as: "me@pam" });
  assert.equal((await place.run(["config", "use", "c"])).status, 3);
});

const two = `# mine
current_context: home
contexts:
  home:
    host: pve01.example
    pool: dev
    ssh: { user: root, nodes: { pve01: root@10.0.0.1 } }
  lab: { host: lab.example } # for tests
`;

Deno.test("config unset removes a value, or all below a path, and nothing that is not there", async () => {
  await using place = new Place();
  await place.write(two);
  assert.equal((await place.run(["config", "unset", "pool"])).status, 0);
  assert.equal((await place.run(["config", "unset", "ssh"])).status, 0);
  const left = JSON.parse((await place.run(["config", "get", "--json"])).stdout);
  assert.deepEqual(left, { host: "pve01.example" });
  assert.match(await Deno.readTextFile(place.file), /^# mine\n/);
  const again = await place.run(["config", "unset", "pool"]);
  assert.equal(again.status, 3);
  assert.match(again.stderr, /contexts\.home\.pool is not set/);
  for (const path of ["contexts.lab", "contexts"]) {
    const { status, stderr } = await place.run(["config", "unset", path]);
    assert.equal(status, 2);
    assert.match(stderr, /hint: `pxrun config delete-context /);
  }
  const empty = await place.run(["config", "set", "pool", ""]);
  assert.equal(empty.status, 2);
  assert.match(empty.stderr, /hint: `pxrun config unset contexts\.home\.pool` removes it/);
});

Deno.test("config delete-context asks first, and then the current one is current no more", async () => {
  await using place = new Place();
  await place.write(two);
  const blind = await place.run(["config", "delete-context", "home"]);
  assert.equal(blind.status, 2);
  assert.match(blind.stderr, /hint: add --yes/);
  const no = await place.run(["config", "delete-context", "home"], { answers: ["n"] });
  assert.equal(no.status, 1);
  assert.match(no.stderr, /the current context home, with its secrets\?.*cancelled/s);
  assert.equal(await Deno.readTextFile(place.file), two);
  const nosuch = await place.run(["config", "delete-context", "hom", "--yes"]);
  assert.equal(nosuch.status, 3);
  assert.match(nosuch.stderr, /did you mean home\?/);
  assert.equal((await place.run(["config", "delete-context", "home", "--yes"])).status, 0);
  const rows = JSON.parse((await place.run(["config", "list", "--json"])).stdout);
  assert.deepEqual(rows.map(({ name, current }: Record<string, unknown>) => [name, current]), [
    ["lab", true],
  ]);
  assert.doesNotMatch(await Deno.readTextFile(place.file), /current_context|pve01/);
});

Deno.test("config rename-context takes all values along, and stays the current one", async () => {
  await using place = new Place();
  await place.write(two);
  const before = JSON.parse((await place.run(["config", "get", "--json"])).stdout);
  assert.equal((await place.run(["config", "rename-context", "home", "flat"])).status, 0);
  assert.deepEqual(JSON.parse((await place.run(["config", "get", "--json"])).stdout), before);
  const rows = JSON.parse((await place.run(["config", "list", "--json"])).stdout);
  assert.deepEqual(rows.find(({ current }: { current: boolean }) => current)?.name, "flat");
  assert.equal((await place.run(["config", "rename-context", "flat", "lab"])).status, 1);
  assert.equal((await place.run(["config", "rename-context", "home", "x"])).status, 3);
  assert.equal((await place.run(["config", "rename-context", "flat", "a b"])).status, 2);
  assert.equal((await place.run(["config", "rename-context", "flat", "__proto__"])).status, 2);
  const names = JSON.parse((await place.run(["config", "list", "--json"])).stdout);
  assert.deepEqual(names.map(({ name }: { name: string }) => name), ["lab", "flat"]);
});

Deno.test("config get prints a value, or what is below a path", async () => {
  await using place = new Place();
  await place.write("contexts: { a: { host: 1.1.1.1, ssh: { user: root } } }\n");
  assert.equal((await place.run(["config", "get", "ssh.user"])).stdout, "root\n");
  assert.equal((await place.run(["config", "get", "ssh"])).stdout, "user: root\n");
  const all = await place.run(["config", "get", "--format", "json"]);
  assert.deepEqual(JSON.parse(all.stdout), { host: "1.1.1.1", ssh: { user: "root" } });
  assert.equal((await place.run(["config", "get", "contexts.a.host"])).stdout, "1.1.1.1\n");
  assert.equal((await place.run(["config", "get", "pool"])).status, 3);
  // A key that does not exist is not one to set.
  for (const verb of ["get", "unset"]) {
    const typo = await place.run(["config", verb, "hots"]);
    assert.deepEqual([typo.status, typo.stdout], [3, ""]);
    assert.match(typo.stderr, /hots is not set in .*\nhint: did you mean host\?\n/);
    assert.match((await place.run(["config", verb, "ssh.zzzz"])).stderr, /hint: here are user, /);
  }
});

Deno.test("config list says so where there are no contexts", async () => {
  await using place = new Place();
  const { status, stdout, stderr } = await place.run(["config", "list"]);
  assert.deepEqual([status, stdout], [0, ""]);
  assert.match(stderr, /^no contexts; `pxrun setup` makes one\n$/);
});

Deno.test("config edit needs a terminal and an encrypted file", async () => {
  await using place = new Place();
  const none = await place.run(["config", "edit"], { answers: [] });
  assert.deepEqual([none.status, /there is no config file/.test(none.stderr)], [3, true]);
  await place.write("contexts: {}\n");
  const piped = await place.run(["config", "edit"]);
  assert.deepEqual([piped.status, /not a terminal/.test(piped.stderr)], [2, true]);
  const plain = await place.run(["config", "edit"], { answers: [] });
  assert.deepEqual([plain.status, /not encrypted/.test(plain.stderr)], [2, true]);
});

Deno.test("demo does not look at the user's config file", async () => {
  await using place = new Place();
  await place.write("this: is wrong\n", 0o644);
  const { status, stderr } = await place.run(["demo"], { env: { PXRUN_CONTEXT: "home" } });
  assert.equal(status, 0, stderr);
});

Deno.test("a config that is no file is refused, and nobody waits for what it may say", async () => {
  await using place = new Place();
  const pipe = `${place.directory}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  // Without the refusal this is what would be read.
  const writer = new Deno.Command("sh", { args: ["-c", 'echo "contexts:" > "$0"', pipe] }).spawn();
  try {
    for (const args of [["config", "list"], ["config", "set", "host", "pve.example"]]) {
      const { status, stderr } = await place.run([...args, "--config", pipe]);
      assert.equal(status, 2);
      assert.match(stderr, /cannot use \S+\/pipe: it is there, but no file/);
    }
    assert.ok((await Deno.lstat(pipe)).isFifo);
  } finally {
    writer.kill();
    await writer.status;
  }
});
