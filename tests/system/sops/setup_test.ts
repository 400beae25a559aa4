import assert from "node:assert/strict";
import { runCli } from "../../../lib/cli/app/run.ts";
import type { PrivateFiles, RunProcess } from "../../../lib/core/platform.ts";
import { processRunner } from "../../../lib/host/process.ts";
import type { SimulatorOptions } from "../../../sim/mod.ts";
import { aloneEnv } from "../../support/alone.ts";
import { passwordOf, rememberSecrets } from "../../support/logins.ts";
import { accounts, freshPreset, onlySsh } from "../../support/setup.ts";
import { type Lab, type Ran, startLab } from "../../support/simulator.ts";
import { filesWith } from "../../support/sops.ts";
import type { TestPlatformOptions } from "../../support/platform.ts";

/** A user with an empty home directory, the real sops and age, and a cluster that is new to them. */
interface Newcomer extends AsyncDisposable {
  readonly lab: Lab;
  readonly directory: string;
  readonly config: string;
  readonly url: string;
  /** Every argument list of a program on this machine. */
  readonly argvs: readonly string[];
  px(args: readonly string[], options?: NewcomerOptions): Promise<Ran>;
  text(): Promise<string>;
}

interface NewcomerOptions extends TestPlatformOptions {
  readonly privateFiles?: Partial<PrivateFiles>;
  /** Nothing is said about the cluster but what the config file says. */
  readonly onlyConfig?: boolean;
}

async function newcomer(options: SimulatorOptions = {}): Promise<Newcomer> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-setup-" });
  const lab = await startLab({ preset: freshPreset(), ...options });
  const argvs: string[] = [];
  const runProcess = processRunner(aloneEnv({ HOME: directory, XDG_CONFIG_HOME: directory }));
  const run: RunProcess = (program, args, given) => {
    argvs.push([program, ...args].join(" "));
    return runProcess(program, args, given);
  };
  const config = `${directory}/pxrun/config.yaml`;
  return {
    lab,
    directory,
    config,
    url: lab.simulator.url,
    argvs,
    async px(args, { privateFiles, onlyConfig, ...given } = {}) {
      const nothing: Record<string, string> = Object.fromEntries(
        Object.keys(lab.simulator.env()).map((name) => [name, ""]),
      );
      const env = {
        ...onlyConfig ? nothing : onlySsh(lab.simulator),
        PXRUN_SSH_CONFIG: "none",
      };
      const platform = lab.platform({
        ...given,
        env: { ...env, XDG_CONFIG_HOME: directory, ...given.env },
      });
      const status = await runCli(args, {
        ...platform,
        run,
        privateFiles: { ...platform.privateFiles, ...privateFiles },
      });
      return { status, stdout: platform.stdout(), stderr: platform.stderr() };
    },
    text: () => Deno.readTextFile(config),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function setup({ url }: Newcomer, scope = "/"): string[] {
  return [
    ...["setup", "--host", url, "--ssh-user", "root", "--scope", scope],
    ...["--token-name", "laptop", "--yes"],
  ];
}

const create = ["create", "--hostname", "web-1", "--template", "debian-13", "--yes"];

Deno.test("setup leads from a host name to a container, and shows no secret anywhere", async () => {
  await using user = await newcomer();
  const { simulator } = user.lab;
  const secrets = rememberSecrets(simulator);
  const made = await user.px([...setup(user), "--debug", "--verbose"]);
  assert.equal(made.status, 0, made.stderr);
  const text = await user.text();
  assert.match(text, /^current_context: default$/m);
  assert.match(text, /^ +token_id: pxrun@pve!laptop$/m);
  assert.match(text, /^ +token_secret: ENC\[AES256_GCM,/m);
  assert.ok(text.includes(`host: ${user.url}\n`));
  assert.ok(text.includes(simulator.fingerprint));
  const mode = async (path: string): Promise<number> => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  assert.equal(await mode(user.config), 0o600);
  assert.equal(await mode(`${user.directory}/sops/age/keys.txt`), 0o600);
  assert.equal(await mode(`${user.directory}/sops/age`), 0o700);
  const container = await user.px(create, { onlyConfig: true });
  assert.equal(container.status, 0, container.stderr);
  assert.deepEqual(user.lab.containers(), ["100 web-1"]);
  const [secret = "", ...others] = secrets;
  assert.ok(secret !== "" && others.length === 0, "one token, and none for the run itself");
  const printed = [made, container].map(({ stdout, stderr }) => stdout + stderr).join("");
  const onNodes = JSON.stringify([simulator.ssh.commands, simulator.ssh.argvs]);
  for (const place of [printed, onNodes, user.argvs.join("\n")]) assert.ok(!place.includes(secret));
  assert.deepEqual(await filesWith(user.directory, secret), []);
});

Deno.test("setup a second time changes nothing, and asks nothing", async () => {
  await using user = await newcomer();
  assert.equal((await user.px(setup(user))).status, 0);
  const [text, before] = [await user.text(), accounts(user.lab.simulator)];
  const again = await user.px(setup(user).filter((word) => word !== "--yes"), { answers: [] });
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stderr, /all was set up already\n$/);
  assert.equal(await user.text(), text);
  assert.equal(accounts(user.lab.simulator), before);
});

Deno.test("setup encrypts a secret that stood in the clear, though all else is as it should be", async () => {
  await using user = await newcomer();
  assert.equal((await user.px(setup(user))).status, 0);
  const secret = user.lab.simulator.cluster.tokens.get("pxrun@pve!laptop")?.secret ?? "";
  const inTheClear = async (value: string): Promise<void> => {
    const [plain = ""] = (await user.text()).split(/^sops:/m);
    await Deno.writeTextFile(user.config, plain.replace(/ENC\[.*\]/, value));
  };
  await inTheClear(secret);
  const again = await user.px(setup(user));
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(await filesWith(user.directory, secret), []);
  await inTheClear(secret);
  const env = { PROXMOX_TOKEN_ID: "pxrun@pve!laptop", PROXMOX_TOKEN_SECRET: secret };
  const given = await user.px(["setup", "--no-ssh", "--host", user.url, "--yes"], { env });
  assert.equal(given.status, 0, given.stderr);
  assert.deepEqual(await filesWith(user.directory, secret), []);
});

Deno.test("setup repairs what was taken away, and keeps what others have added", async () => {
  await using user = await newcomer();
  const { cluster } = user.lab.simulator;
  assert.equal((await user.px(setup(user))).status, 0);
  const text = await user.text();
  const changed = new Set([...cluster.roles.get("PxrunUser") ?? [], "Sys.Modify"]);
  changed.delete("VM.Clone");
  cluster.roles.set("PxrunUser", changed);
  cluster.acls = cluster.acls.filter(({ who }) => who !== "pxrun@pve!laptop");
  const repaired = await user.px(setup(user));
  assert.equal(repaired.status, 0, repaired.stderr);
  const role = cluster.roles.get("PxrunUser");
  assert.ok(role?.has("VM.Clone") && role.has("Sys.Modify"));
  assert.ok(cluster.acls.some(({ who }) => who === "pxrun@pve!laptop"));
  assert.equal(await user.text(), text, "the token still works");
  cluster.tokens.delete("pxrun@pve!laptop");
  assert.equal((await user.px(setup(user))).status, 0);
  assert.equal((await user.px(["list"], { onlyConfig: true })).status, 0);
});

Deno.test("setup replaces a token of that name whose secret it does not have", async () => {
  await using user = await newcomer();
  const { simulator } = user.lab;
  assert.equal((await user.px(setup(user))).status, 0);
  const before = simulator.cluster.tokens.get("pxrun@pve!laptop")?.secret;
  await Deno.remove(user.config);
  const { status, stderr } = await user.px(setup(user));
  assert.equal(status, 0, stderr);
  assert.match(stderr, /remove the token pxrun@pve!laptop, whose secret is not in the config/);
  assert.notEqual(simulator.cluster.tokens.get("pxrun@pve!laptop")?.secret, before);
  assert.equal((await user.px(["list"], { onlyConfig: true })).status, 0);
  const keys = await Deno.readTextFile(`${user.directory}/sops/age/keys.txt`);
  assert.equal(keys.match(/AGE-SECRET-KEY-/g)?.length, 1, "the key that was there is used");
});

Deno.test("setup confines a token to a pool that it makes, and create goes there", async () => {
  await using user = await newcomer();
  const { cluster } = user.lab.simulator;
  const { status, stderr } = await user.px(setup(user, "pool:dev,storage:local,storage:local-lvm"));
  assert.equal(status, 0, stderr);
  const made = await user.px([...create, "--allow-duplicate"], { onlyConfig: true });
  assert.equal(made.status, 0, made.stderr);
  assert.equal(cluster.cts.get(100)?.pool, "dev");
  const { id, secret } = cluster.tokens.get("pxrun@pve!laptop") ?? assert.fail("no token");
  const login = { PXRUN_CONFIG: "", PROXMOX_TOKEN_ID: id, PROXMOX_TOKEN_SECRET: secret };
  const env = { ...user.lab.simulator.env(), ...login };
  const outside = await user.px([...create.with(2, "web-2"), "--node", "pve01"], { env });
  assert.equal(outside.status, 4, outside.stderr);
  assert.match(outside.stderr, /pxrun@pve!laptop lacks VM\.Allocate.* on \/vms\n/);
  const full = await user.px(setup(user));
  assert.equal(full.status, 0, full.stderr);
  const paths = cluster.acls.filter(({ who }) => who === "pxrun@pve!laptop").map(({ path }) =>
    path
  );
  assert.deepEqual(paths, ["/"], "the token's rights are those of the last setup");
  assert.doesNotMatch(await user.text(), /pool/);
});

Deno.test("setup confines a token to storages, and create takes them", async () => {
  await using user = await newcomer();
  const { status, stderr } = await user.px(setup(user, "storage:local,storage:local-lvm"));
  assert.equal(status, 0, stderr);
  const made = await user.px(create, { onlyConfig: true });
  assert.equal(made.status, 0, made.stderr);
  const { config } = user.lab.simulator.cluster.cts.get(100) ?? {};
  assert.match(String(config?.["rootfs"]), /^local-lvm:/);
});

Deno.test("setup takes back all on the node when the config cannot be written", async () => {
  await using user = await newcomer();
  const before = accounts(user.lab.simulator);
  const real = (await import("../../../lib/host/files.ts")).denoPrivateFiles;
  const { status, stderr } = await user.px(setup(user, "pool:dev"), {
    privateFiles: {
      replace: (path, ...rest) =>
        path.endsWith("config.yaml")
          ? Promise.reject(new Error("the disk is full"))
          : real.replace(path, ...rest),
    },
  });
  assert.equal(status, 1);
  assert.match(stderr, /undo: make the token pxrun@pve!laptop/);
  assert.match(stderr, /the disk is full/);
  assert.equal(accounts(user.lab.simulator), before);
});

Deno.test("setup changes nothing on the node when it sees that the config cannot be written", async () => {
  await using user = await newcomer();
  assert.equal((await user.px(setup(user))).status, 0);
  await Deno.remove(user.config);
  const before = accounts(user.lab.simulator);
  await Deno.writeTextFile(`${user.directory}/file`, "no directory");
  // The old token would be removed first, which nothing takes back.
  const real = (await import("../../../lib/host/files.ts")).denoPrivateFiles;
  const { status, stderr } = await user.px(setup(user), {
    privateFiles: {
      tryReplace: () => real.tryReplace(`${user.directory}/file/config.yaml`),
      replace: () => real.replace(`${user.directory}/file/config.yaml`, ""),
    },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^error: cannot use \S+\/file\/config\.yaml: Not a directory\n/m);
  assert.equal(accounts(user.lab.simulator), before);
});

Deno.test("setup takes back all on the node when the API cannot be reached from here", async () => {
  await using user = await newcomer();
  const before = accounts(user.lab.simulator);
  const args = setup(user).map((word) => word === user.url ? "https://127.0.0.1:1" : word);
  const { status, stderr } = await user.px(args);
  assert.equal(status, 5, stderr);
  assert.equal(accounts(user.lab.simulator), before);
  assert.equal(await Deno.stat(user.config).then(() => true, () => false), false);
});

Deno.test("setup by a user with sudo works as by root", async () => {
  await using user = await newcomer({ sshUsers: [{ name: "admin", sudo: true }] });
  const nodes = user.lab.simulator.env()["PXRUN_SSH_NODES"]?.replaceAll("root@", "admin@");
  const args = setup(user).map((word) => word === "root" ? "admin" : word);
  const { status, stderr } = await user.px(args, { env: { PXRUN_SSH_NODES: nodes } });
  assert.equal(status, 0, stderr);
  assert.match(await user.text(), /^ +user: admin$/m);
  assert.equal((await user.px(["list"], { onlyConfig: true })).status, 0);
});

Deno.test("setup writes the SSH user that it was, where the node's address names one", async () => {
  await using user = await newcomer();
  const args = setup(user).map((word) => word === "root" ? "nobody" : word);
  const { status, stderr } = await user.px(args);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^! the address of \S+ names SSH user root: taking that, not nobody$/m);
  assert.match(await user.text(), /^ +user: root$/m);
});

Deno.test("setup adds a second cluster under a name of its own", async () => {
  await using user = await newcomer();
  assert.equal((await user.px([...setup(user), "--context", "home"])).status, 0);
  const nameless = setup(user).map((word) => word === user.url ? `${user.url}/` : word);
  const refused = await user.px(nameless);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /--context is missing/);
  const named = ["--context", "work", "--token-name", "work"];
  const { status, stderr } = await user.px([...nameless, ...named]);
  assert.equal(status, 0, stderr);
  const { stdout } = await user.px(["config", "list"], { onlyConfig: true });
  assert.match(stdout, /^ +home .*pxrun@pve!laptop$/m);
  assert.match(stdout, /^\* +work .*pxrun@pve!work$/m);
});

Deno.test("setup does not replace the token that another context logs in by", async () => {
  await using user = await newcomer();
  assert.equal((await user.px([...setup(user), "--context", "home"])).status, 0);
  const before = accounts(user.lab.simulator);
  const { status, stderr } = await user.px([...setup(user, "pool:dev"), "--context", "dev"]);
  assert.equal(status, 2);
  assert.match(
    stderr,
    /the context home logs in by the token pxrun@pve!laptop\nhint: --token-name/,
  );
  assert.equal(accounts(user.lab.simulator), before);
  const own = [...setup(user, "pool:dev"), "--context", "dev", "--token-name", "dev"];
  assert.equal((await user.px(own)).status, 0);
  for (const context of ["home", "dev"]) {
    const listed = await user.px(["list", "--context", context], { onlyConfig: true });
    assert.equal(listed.status, 0, listed.stderr);
  }
});

Deno.test("setup on a terminal shows the host key, asks, and does the rest", async () => {
  await using user = await newcomer();
  const knownHosts = `${user.directory}/known_hosts`;
  const answers = [user.url, "", "y", "1", "y", "y"];
  const env = { PXRUN_KNOWN_HOSTS: knownHosts };
  const { status, stderr } = await user.px(["setup"], { answers, env });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /SSH does not know \S+ yet\. Its host key is\n {2}ssh-ed25519 SHA256:/);
  assert.match(await Deno.readTextFile(knownHosts), /ssh-ed25519/);
  assert.match(stderr, /answers as Proxmox VE .* with 17 privileges\n/);
  assert.match(stderr, /pxrun doctor: no problems found.*\nnext: pxrun create\n$/);
});

Deno.test("setup --no-ssh takes a token from standard input, and pins what was confirmed", async () => {
  await using user = await newcomer();
  const { token, fingerprint } = user.lab.simulator;
  const args = ["setup", "--no-ssh", "--host", user.url, "--token-id", token.id, "--yes"];
  const env = { PROXMOX_FINGERPRINT: fingerprint };
  const piped = await user.px(args, { stdin: `${token.secret}\n`, env });
  assert.equal(piped.status, 0, piped.stderr);
  assert.equal((await user.px(["list"], { onlyConfig: true })).status, 0);
  assert.deepEqual(await filesWith(user.directory, token.secret), []);
  // The doctor looks, and nobody else.
  assert.ok(user.lab.simulator.ssh.commands.every(({ command }) => !/pveum|pvesh/.test(command)));
  await Deno.remove(user.config);
  const secret = { PROXMOX_TOKEN_ID: token.id, PROXMOX_TOKEN_SECRET: token.secret };
  const asked = await user.px(args, { answers: ["y"], env: secret });
  assert.equal(asked.status, 0, asked.stderr);
  assert.match(asked.stderr, /The certificate of \S+ is not known/);
  assert.ok((await user.text()).includes(fingerprint));
  assert.ok(!(asked.stdout + asked.stderr).includes(token.secret));
});

Deno.test("setup --no-ssh takes no secret from the environment that is another token's", async () => {
  await using user = await newcomer();
  const { token, fingerprint } = user.lab.simulator;
  const args = ["setup", "--no-ssh", "--host", user.url, "--token-id", token.id, "--yes"];
  const env = { PROXMOX_FINGERPRINT: fingerprint, PROXMOX_TOKEN_SECRET: "of-another-token" };
  for (const PROXMOX_TOKEN_ID of ["", "root@pam!other"]) {
    const given = { stdin: `${token.secret}\n`, env: { ...env, PROXMOX_TOKEN_ID } };
    const { status, stderr } = await user.px(args, given);
    assert.equal(status, 0, stderr);
  }
});

Deno.test("setup uses rules that are there, and refuses those for somebody else's key", async () => {
  await using user = await newcomer();
  const rules = `${user.directory}/.sops.yaml`;
  const other = await processRunner(aloneEnv())("age-keygen", []);
  const recipient = /age1\w+/.exec(new TextDecoder().decode(other?.stdout))?.[0];
  const text = `creation_rules:\n  - age: ${recipient}\n`;
  await Deno.writeTextFile(rules, text);
  const before = accounts(user.lab.simulator);
  const { status, stderr } = await user.px(setup(user));
  assert.equal(status, 4);
  assert.match(stderr, /none of its keys is here/);
  assert.equal(await Deno.readTextFile(rules), text);
  assert.equal(accounts(user.lab.simulator), before);
  assert.deepEqual(user.lab.simulator.ssh.commands, []);
});

Deno.test("setup --format json prints one object, and no secret", async () => {
  await using user = await newcomer();
  const { status, stdout } = await user.px([...setup(user), "--format", "json"]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), {
    file: user.config,
    context: "default",
    host: user.url,
    token_id: "pxrun@pve!laptop",
    fingerprint: user.lab.simulator.fingerprint,
    version: "9.0.10",
    changed: true,
  });
});

Deno.test("setup drops what the file says of another host, and what was pinned before a CA", async () => {
  await using user = await newcomer();
  assert.equal((await user.px([...setup(user), "--context", "home"])).status, 0);
  const { token, fingerprint } = user.lab.simulator;
  const set = ["config", "set", "--context", "home"];
  for (const [path, value] of [["host", "old.example"], ["port", "1"], ["ca_file", "/none.pem"]]) {
    assert.equal((await user.px([...set, path ?? "", value ?? ""])).status, 0);
  }
  assert.equal((await user.px([...set, "ssh.nodes.gone", "10.9.9.9"])).status, 0);
  const again = await user.px([...setup(user), "--context", "home"]);
  assert.equal(again.status, 0, again.stderr);
  assert.doesNotMatch(await user.text(), /port:|ca_file:|gone|10\.9\.9\.9/);
  assert.ok((await user.text()).includes(fingerprint));
  const ca = `${user.directory}/ca.pem`;
  await Deno.writeTextFile(ca, user.lab.simulator.caPem);
  const env = {
    PROXMOX_CA_FILE: ca,
    PROXMOX_TOKEN_ID: token.id,
    PROXMOX_TOKEN_SECRET: token.secret,
  };
  const given = await user.px(["setup", "--no-ssh", "--host", user.url, "--yes"], { env });
  assert.equal(given.status, 0, given.stderr);
  assert.match(await user.text(), /ca_file: /);
  assert.doesNotMatch(await user.text(), /fingerprint:/);
});

Deno.test("setup says what in the shell wins over the file that it wrote", async () => {
  await using user = await newcomer();
  const env = {
    PROXMOX_USER: "root@pam",
    PROXMOX_PASSWORD: passwordOf(user.lab.simulator, "root@pam"),
  };
  const { status, stderr } = await user.px(setup(user), { env });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /before the file: unset PROXMOX_USER PROXMOX_PASSWORD\n/);
});
