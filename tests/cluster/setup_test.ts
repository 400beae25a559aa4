import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { RunProcess } from "../../lib/core/platform.ts";
import type { SimulatorOptions } from "../../sim/mod.ts";
import { accounts, freshPreset, onlySsh } from "../support/setup.ts";
import { type Lab, type Ran, startLab } from "../support/simulator.ts";
import type { TestPlatformOptions } from "../support/platform.ts";

/** Programs that are there and answer nothing, and those that are not. */
function programs(...absent: readonly string[]): RunProcess {
  const nothing = new Uint8Array();
  return (program) =>
    Promise.resolve(
      absent.includes(program) ? undefined : { code: 0, stdout: nothing, stderr: nothing },
    );
}

interface SetupLab extends AsyncDisposable {
  readonly lab: Lab;
  readonly directory: string;
  setup(args: readonly string[], options?: TestPlatformOptions, run?: RunProcess): Promise<Ran>;
  /** That neither the cluster nor this machine was changed. */
  unchanged(): Promise<void>;
}

async function setupLab(options: SimulatorOptions = {}): Promise<SetupLab> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-setup-" });
  const lab = await startLab({ preset: freshPreset(), ...options });
  const before = accounts(lab.simulator);
  return {
    lab,
    directory,
    async setup(args, options = {}, run = programs()) {
      const env = { ...onlySsh(lab.simulator), XDG_CONFIG_HOME: directory, ...options.env };
      const platform = lab.platform({ ...options, env });
      const ssh: RunProcess = (program, ...rest) =>
        (program === "ssh" ? platform.run : run)(program, ...rest);
      const status = await runCli(["setup", ...args], { ...platform, run: ssh });
      return { status, stdout: platform.stdout(), stderr: platform.stderr() };
    },
    async unchanged() {
      assert.equal(accounts(lab.simulator), before);
      assert.deepEqual(await Array.fromAsync(Deno.readDir(directory), ({ name }) => name), []);
    },
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

const flags = ["--ssh-user", "root", "--scope", "/", "--yes"];
const at = ({ lab }: SetupLab): string[] => ["--host", lab.simulator.url, ...flags];

Deno.test("setup --print prints what an administrator is to run, and connects nowhere", async () => {
  await using test = await setupLab();
  const args = ["--print", "--token-name", "ci", "--scope", "pool:dev", "--host", "pve01"];
  const { status, stdout, stderr } = await test.setup(args, {}, programs("sops", "ssh"));
  assert.equal(status, 0);
  assert.match(stdout, /^pveum pool add dev$/m);
  assert.match(stdout, /^pveum user token add pxrun@pve ci --privsep 1$/m);
  assert.match(stdout, /^pveum acl modify \/pool\/dev --users pxrun@pve --tokens 'pxrun@pve!ci'/m);
  assert.match(stderr, /pxrun setup --no-ssh --host pve01 --token-id 'pxrun@pve!ci'/);
  assert.deepEqual(test.lab.simulator.ssh.commands, []);
  await test.unchanged();
});

Deno.test("setup --print works when it is run on the node, and its token after it", async () => {
  await using test = await setupLab();
  const { stdout } = await test.setup(["--print", "--token-name", "ci"]);
  const lines = stdout.split("\n").filter((line) => /^pveum/.test(line));
  const [node] = test.lab.simulator.cluster.nodes.keys();
  const { connect } = await import("../../lib/cluster/connect.ts");
  await using cluster = await connect(test.lab.platform());
  const ssh = await cluster.ssh(node ?? "");
  for (const line of lines) assert.equal((await ssh.exec(line)).code, 0, line);
  const { permissions } = await import("../../lib/proxmox/api/access.ts");
  const token = test.lab.simulator.cluster.tokens.get("pxrun@pve!ci");
  await using own = await connect(test.lab.platform(), {
    tokenId: "pxrun@pve!ci",
    tokenSecret: token?.secret ?? "",
  });
  assert.equal((await permissions(own.rest))["/"]?.["VM.Allocate"], true);
});

Deno.test("setup without a terminal names every flag that is missing, at once", async () => {
  await using test = await setupLab();
  const { status, stderr } = await test.setup([]);
  assert.equal(status, 2);
  assert.match(stderr, /--host, --ssh-user, --scope, --yes are missing/);
  const second = await test.setup(["--no-ssh", "--host", "pve01", "--yes"]);
  assert.equal(second.status, 2);
  assert.match(second.stderr, /--token-id is missing/);
  const third = await test.setup(["--no-ssh", "--host", "pve01", "--token-id", "a@b!cd", "--yes"]);
  assert.equal(third.status, 2);
  assert.match(third.stderr, /there is no secret of a@b!cd\nhint: pipe it in/);
  await test.unchanged();
});

Deno.test("setup refuses flags that cannot be meant, before it connects", async () => {
  await using test = await setupLab();
  for (
    const [args, pattern] of [
      [["--scope", "dev"], /--scope cannot be "dev"\nhint: \/ \(everything\), pool:NAME/],
      [["--host", "http://x"], /--host is not a host/],
      [["--ssh-user", "a b"], /--ssh-user is not a user name/],
      [["--context", "a b"], /--context is not a name/],
    ] as const
  ) {
    const { status, stderr } = await test.setup([...at(test), ...args]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, pattern);
  }
  assert.deepEqual(test.lab.simulator.ssh.commands, []);
  await test.unchanged();
});

Deno.test("setup without sops, or without age, says so before it connects", async () => {
  await using test = await setupLab();
  for (
    const [program, pattern] of [
      ["sops", /sops is not installed\nhint: install sops 3\.11[^]*--no-encrypt/],
      ["age-keygen", /age-keygen is not installed\nhint: install age[^]*--no-encrypt/],
    ] as const
  ) {
    const { status, stderr } = await test.setup(at(test), {}, programs(program));
    assert.equal(status, 1);
    assert.match(stderr, pattern);
  }
  assert.deepEqual(test.lab.simulator.ssh.commands, []);
  await test.unchanged();
});

/** The config file that a setup wrote, its mode, and a way to run command lines with it. */
async function configOf({ directory, lab }: SetupLab) {
  const file = `${directory}/pxrun/config.yaml`;
  const run = async (args: readonly string[], options: TestPlatformOptions = {}): Promise<Ran> => {
    const env = { ...onlySsh(lab.simulator), XDG_CONFIG_HOME: directory };
    const platform = lab.platform({ ...options, env });
    const status = await runCli(args, { ...platform, run: programs("sops", "ssh", "age-keygen") });
    return { status, stdout: platform.stdout(), stderr: platform.stderr() };
  };
  const { mode } = await Deno.stat(file);
  return { text: await Deno.readTextFile(file), mode: (mode ?? 0) & 0o777, run };
}

Deno.test("setup --no-encrypt writes a plain file of mode 0600, which list uses and doctor reports", async () => {
  await using test = await setupLab();
  const args = [...at(test), "--no-encrypt"];
  const { status, stderr } = await test.setup(args, {}, programs("sops", "age-keygen"));
  assert.equal(status, 0, stderr);
  assert.match(stderr, /its secret NOT encrypted/);
  const { text, mode, run } = await configOf(test);
  assert.equal(mode, 0o600);
  assert.match(text, /^encryption: none$/m);
  assert.match(text, /token_secret: [0-9a-f]{8}-/);
  assert.equal((await run(["list"])).status, 0);
  const doctor = await run(["doctor", "--format", "json"]);
  const { findings } = JSON.parse(doctor.stdout);
  const config = findings.find(({ check }: { check: string }) => check === "config");
  assert.equal(config.verdict, "warning", doctor.stdout);
  assert.match(config.remedy, /pxrun config encrypt/);
  // What is set later stays plain as well, and is never printed.
  const set = await run(["config", "set", "password"], { stdin: "hunter2-hunter2\n" });
  assert.equal(set.status, 0, set.stderr);
  assert.match((await configOf(test)).text, /password: hunter2-hunter2/);
  assert.doesNotMatch((await run(["config", "get"])).stdout, /hunter2/);
  // Nor does a second setup ask.
  const again = await test.setup(at(test), {}, programs("sops", "age-keygen"));
  assert.equal(again.status, 0, again.stderr);
});

Deno.test("setup asks on a terminal whether secrets may stay plain, and a no changes nothing", async () => {
  await using test = await setupLab();
  const args = ["--host", test.lab.simulator.url, "--ssh-user", "root", "--scope", "/"];
  const no = await test.setup(args, { answers: [""] }, programs("sops"));
  assert.equal(no.status, 1);
  assert.match(no.stderr, /sops is not installed\ninstall sops 3\.11[^]*0600[^]*cancelled\n$/);
  await test.unchanged();
  const yes = await test.setup(args, { answers: ["y", "y"] }, programs("sops"));
  assert.equal(yes.status, 0, yes.stderr);
  assert.equal((await configOf(test)).mode, 0o600);
});

Deno.test("setup without sudo names the line for sudoers", async () => {
  await using test = await setupLab({ sshUsers: [{ name: "guest" }] });
  const nodes = test.lab.simulator.env()["PXRUN_SSH_NODES"]?.replaceAll("root@", "guest@");
  const { status, stderr } = await test.setup(at(test), { env: { PXRUN_SSH_NODES: nodes } });
  assert.equal(status, 4, stderr);
  assert.match(
    stderr,
    /SSH user guest may not manage Proxmox's users: sudo: a password is required/,
  );
  assert.match(stderr, /guest ALL=\(root\) NOPASSWD: \/usr\/sbin\/pveum/);
  await test.unchanged();
});

Deno.test("setup refuses a version that is too old", async () => {
  const version = { version: "8.1.4", release: "8.1", repoid: "0123456789abcdef" };
  await using test = await setupLab({ preset: { ...freshPreset(), version } });
  const { status, stderr } = await test.setup(at(test));
  assert.equal(status, 1);
  assert.match(stderr, /runs Proxmox VE 8\.1\.4, which is too old\nhint: .* 8\.4 and newer/);
  await test.unchanged();
});

Deno.test("setup refuses a storage that there is not", async () => {
  await using test = await setupLab();
  const { status, stderr } = await test.setup([...at(test), "--scope", "storage:nosuch"]);
  assert.equal(status, 3);
  assert.match(stderr, /there is no storage nosuch\nhint: there are local, local-lvm, tank/);
  await test.unchanged();
});

Deno.test("setup without a terminal refuses a host key that it does not know", async () => {
  await using test = await setupLab();
  const env = { PXRUN_KNOWN_HOSTS: `${test.directory}/known_hosts` };
  const { status, stderr } = await test.setup(at(test), { env });
  assert.equal(status, 4);
  assert.match(stderr, /the SSH host key of \S+ is not known/);
  assert.deepEqual(test.lab.simulator.ssh.commands, []);
  await test.unchanged();
});

Deno.test("setup on a terminal asks, and a no or an end at any question changes nothing", async () => {
  await using test = await setupLab();
  const { url } = test.lab.simulator;
  const answers = [url, "", "2", "dev", "n"];
  const { status, stderr } = await test.setup([], { answers });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /SSH user \[root\]: What may pxrun reach\?/);
  assert.match(stderr, /make the pool dev\n {4}pveum pool add dev\n/);
  assert.match(stderr, /make an age key in .*keys\.txt\n/);
  assert.match(stderr, /Go ahead\? \[Y\/n\] cancelled\n$/);
  await test.unchanged();
  for (let given = 0; given < answers.length; given++) {
    const ended = await test.setup([], { answers: answers.slice(0, given) });
    assert.equal(ended.status, 130, ended.stderr);
    await test.unchanged();
  }
});

Deno.test("setup with a wrong secret, or with a strange certificate, writes nothing", async () => {
  await using test = await setupLab();
  const { url, fingerprint, token } = test.lab.simulator;
  const args = ["--no-ssh", "--host", url, "--token-id", token.id, "--yes"];
  const wrong = await test.setup(args, {
    stdin: "wrong\n",
    env: { PROXMOX_FINGERPRINT: fingerprint },
  });
  assert.equal(wrong.status, 4);
  assert.match(wrong.stderr, /Authentication failed/);
  const before = test.lab.simulator.requests.length;
  const strange = await test.setup(args, { stdin: `${token.secret}\n` });
  assert.equal(strange.status, 4, strange.stderr);
  assert.equal(test.lab.simulator.requests.length, before, "the secret was not sent");
  await test.unchanged();
});
