import assert from "node:assert/strict";
import { runCli } from "../../lib/cli/app/run.ts";
import type { Clock, Env } from "../../lib/core/platform.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { diagnose } from "../../lib/doctor/diagnose.ts";
import type { Finding } from "../../lib/doctor/finding.ts";
import { demoPreset, type Preset } from "../../sim/mod.ts";
import { selfSigned } from "../support/certificate.ts";
import { connectProxy } from "../support/connect_proxy.ts";
import { logins } from "../support/logins.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { httpReply, tlsServer } from "../support/tls_server.ts";
import { plainServer } from "../support/transport.ts";
import { until } from "../support/until.ts";
import { testPlatform, type TestPlatformOptions } from "../support/platform.ts";

const json = ["doctor", "--format", "json"];
const DAY = 86_400_000;

/** The doctor's findings, held to what holds of all of them. */
async function examine(
  lab: Lab,
  env: Env = {},
  options: TestPlatformOptions = {},
): Promise<readonly Finding[]> {
  const { status, stdout, stderr } = await lab.run(json, { ...options, env });
  assert.equal(stderr, "");
  return findingsOf(status, stdout);
}

function findingsOf(status: number, stdout: string): readonly Finding[] {
  const { healthy, findings }: { healthy: boolean; findings: readonly Finding[] } = JSON.parse(
    stdout,
  );
  const wrong = findings.some(({ verdict }) => verdict === "failed");
  assert.deepEqual([healthy, status], wrong ? [false, 1] : [true, 0], stdout);
  for (const { verdict, message, remedy } of findings) {
    assert.equal(remedy === undefined, verdict === "ok" || verdict === "skipped", message);
  }
  assert.ok(findings.filter(({ verdict }) => verdict === "skipped").length <= 1, stdout);
  return findings;
}

/** What is not well, as `check message → remedy`. */
function complaints(findings: readonly Finding[]): string[] {
  return findings.filter(({ verdict }) => verdict === "failed" || verdict === "warning")
    .map(({ check, message, remedy }) => `${check} ${message} → ${remedy}`);
}

/** Exactly these complaints, in this order. */
function complains(findings: readonly Finding[], ...patterns: readonly RegExp[]): void {
  const found = complaints(findings);
  assert.equal(found.length, patterns.length, found.join("\n"));
  patterns.forEach((pattern, index) => assert.match(found[index] ?? "", pattern));
}

/** The simulator's clock, off by some milliseconds. */
function shifted(ms: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + ms };
}

function tokenEnv({ simulator }: Lab, id: string): Env {
  const { secret } = simulator.tokens[id] ?? {};
  return { PROXMOX_TOKEN_ID: id, PROXMOX_TOKEN_SECRET: secret };
}

for (const login of logins) {
  Deno.test(`doctor finds nothing wrong with a healthy cluster, and only reads: ${login.name}`, async () => {
    await using lab = await startLab();
    const { status, stdout, stderr } = await lab.run(["doctor"], {
      env: login.env(lab.simulator),
    });
    assert.equal(status, 0, stdout + stderr);
    assert.doesNotMatch(stdout, /^[✗!–]/m);
    assert.match(stdout, /^✓ rights +containers on local-lvm, tank$/m);
    assert.match(stdout, /^✓ ssh +pve02 as root@127\.0\.0\.1:\d+ \(from PXRUN_SSH_NODES\): /m);
    assert.match(stdout, /\nno problems found\n$/);
    const { requests, ssh, cluster } = lab.simulator;
    const writes = requests.filter(({ method }) => method !== "GET")
      .map(({ method, path }) => `${method} ${path}`);
    // A password is sent once, which changes nothing.
    assert.deepEqual(writes, login.name === "ticket" ? ["POST /access/ticket"] : []);
    assert.equal(cluster.tasks.size, 0);
    const programs = ssh.argvs.map(({ argv: [program, verb] }) =>
      program === "pvesh" ? `pvesh ${verb}` : program
    );
    const reading = ["/bin/bash", "sh", "date", "hostname", "stat", "pvesh get"];
    assert.deepEqual(programs.filter((program) => !reading.includes(program ?? "")), []);
    assert.equal(programs.includes("pvesh get"), login.name === "SSH alone");
    assert.equal(cluster.tokens.size, demoPreset().tokens.length);
  });
}

Deno.test("doctor without any configuration says what to do first", async () => {
  const platform = testPlatform();
  assert.equal(await runCli(["doctor"], platform), 1);
  assert.match(platform.stdout(), /^✗ config +nothing is configured yet.*\n +→ `pxrun setup`/);
  assert.match(platform.stdout(), /^– not tried: the cluster and its nodes/m);
  assert.equal(platform.stderr(), "");
});

Deno.test("doctor names a name that does not exist, and tries nothing behind it", async () => {
  await using lab = await startLab();
  const findings = await examine(lab, { PROXMOX_HOST: "pve01.invalid" });
  complains(findings, /^dns .*pve01\.invalid:8006: the host name .* → check host and port/);
  assert.equal(lab.simulator.requests.length, 0);
  // What needs no API is looked at all the same.
  assert.equal(findings.filter(({ check }) => check === "ssh").length, 2);
});

Deno.test("doctor names a port on which nothing listens", async () => {
  await using lab = await startLab();
  complains(
    await examine(lab, { PROXMOX_HOST: "127.0.0.1:1" }),
    /^tcp cannot reach 127\.0\.0\.1:1: nothing listens there .* → check host and port \(8006/,
  );
});

Deno.test("doctor goes by the proxy of HTTPS_PROXY, and names one that is not there", async () => {
  await using lab = await startLab();
  await using proxy = await connectProxy({ to: lab.simulator.port });
  const env = { PROXMOX_HOST: "pve01.example", https_proxy: `http://127.0.0.1:${proxy.port}` };
  const findings = await examine(lab, env);
  complains(findings);
  assert.ok(
    findings.some(({ message }) => message === `the proxy 127.0.0.1:${proxy.port} answers`),
  );
  complains(
    await examine(lab, { ...env, https_proxy: "http://127.0.0.1:1" }),
    /^tcp the proxy of HTTPS_PROXY: cannot reach 127\.0\.0\.1:1: .* → .*NO_PROXY=pve01\.example/,
  );
});

Deno.test("doctor gives up on a host that says nothing after some seconds", async () => {
  await using lab = await startLab();
  await using silent = await plainServer(() => {});
  complains(
    await examine(lab, { PROXMOX_HOST: `127.0.0.1:${silent.port}` }),
    /^tls cannot reach 127\.0\.0\.1:\d+: no connection within 5 s → /,
  );
});

Deno.test("doctor names both fingerprints of a certificate that has changed, and sends it nothing", async () => {
  await using lab = await startLab();
  await using other = await tlsServer(await selfSigned(), () => {});
  const findings = await examine(lab, { PROXMOX_HOST: other.url });
  complains(findings, /^tls .*not the expected .* → if the certificate was renewed, compare/);
  assert.ok(complaints(findings)[0]?.includes(lab.simulator.fingerprint));
  assert.equal(other.bytes, 0);
  const unknown = await examine(lab, { PROXMOX_FINGERPRINT: undefined }, { answers: [] });
  complains(unknown, /^tls the certificate of .* is not trusted: .* → .*PROXMOX_FINGERPRINT=/);
});

Deno.test("doctor warns of a certificate that ends soon", async () => {
  await using lab = await startLab();
  const certificate = await selfSigned({ notAfter: new Date(Date.now() + 5 * DAY) });
  await using node = await tlsServer(certificate, (_request, socket) => {
    socket.write(httpReply(401, "No ticket", undefined));
  });
  const env = { PROXMOX_HOST: node.url, PROXMOX_FINGERPRINT: certificate.fingerprint };
  complains(
    await examine(lab, env),
    /^tls it is the pinned one, .*; the certificate ends on .* → .*pvecm updatecerts/,
    /^login the token root@pam!pxrun was refused: /,
  );
});

Deno.test("doctor names a token that is unknown or has expired", async () => {
  await using lab = await startLab();
  const refused =
    /^login the token \S+ was refused: Authentication failed! .* → .*not expired; on a node `pveum user token list (pxrun|root)@/;
  complains(await examine(lab, { PROXMOX_TOKEN_ID: "pxrun@pve!nosuch" }), refused);
  const { tokens } = lab.simulator.cluster;
  const token = tokens.get("root@pam!pxrun");
  assert.ok(token);
  tokens.set(token.id, { ...token, expire: 1 });
  complains(await examine(lab), refused);
  assert.ok(lab.simulator.requests.every(({ path }) => path === "/version"));
});

Deno.test("doctor names a wrong password, and one that is not set", async () => {
  await using lab = await startLab();
  const user = {
    PROXMOX_TOKEN_ID: undefined,
    PROXMOX_TOKEN_SECRET: undefined,
    PROXMOX_USER: "root@pam",
  };
  const wrong = await examine(lab, { ...user, PROXMOX_PASSWORD: "wrong" });
  complains(wrong, /^login .*root@pam.* authentication failure.* → .*PROXMOX_PASSWORD/);
  complains(await examine(lab, user), /^settings PROXMOX_PASSWORD is not set: .* → /);
});

Deno.test("doctor names each missing privilege with its path and the pveum line", async () => {
  await using lab = await startLab();
  const findings = await examine(lab, tokenEnv(lab, "audit@pve!ci"));
  complains(
    findings,
    /^rights make, .*: the token audit@pve!ci lacks VM\.Allocate, .* on \/vms → on a node: pveum acl modify \/vms --tokens 'audit@pve!ci' --roles PVEVMAdmin/,
    /^rights containers on local-lvm: .* lacks Datastore\.AllocateSpace on \/storage\/local-lvm → on a node: pveum acl modify \/storage\/local-lvm /,
    /^rights containers on tank: /,
    /^rights template download to local: .* lacks Datastore\.AllocateTemplate on \/storage\/local → .*PVEDatastoreAdmin/,
    /^rights interfaces on vmbr0: .* lacks SDN\.Use on \/sdn\/zones\/localnetwork\/vmbr0 → /,
  );
});

Deno.test("doctor says of a token without any rights just that", async () => {
  await using lab = await startLab();
  const findings = await examine(lab, tokenEnv(lab, "none@pve!ci"));
  complains(findings, /^rights the token none@pve!ci has no rights at all → on a node: pveum acl/);
});

Deno.test("doctor tells a token of a pool where it may, and what it may not", async () => {
  await using lab = await startLab();
  const findings = await examine(lab, tokenEnv(lab, "pool@pve!ci"));
  assert.ok(findings.some(({ message }) => /containers, in the pool dev only$/.test(message)));
  complains(
    findings,
    /^rights tags: .* lacks VM\.Config\.Options on \/vms → /,
    /^rights template download to local: /,
    /^rights the freest node .* lacks Sys\.Audit on \/ → .*--roles PVEAuditor/,
  );
});

Deno.test("doctor names remedies for missing rights that bring them", async () => {
  await using lab = await startLab();
  const { cluster } = lab.simulator;
  const id = "none@pve!ci";
  for (const finding of [1, 2]) {
    const remedies = complaints(await examine(lab, tokenEnv(lab, id)));
    if (finding === 2) assert.deepEqual(remedies.filter((text) => !text.includes("Sys.Audit")), []);
    for (const text of remedies) {
      const [, path = "", roles = ""] =
        /acl modify (\S+) --tokens \S+ --roles ([\w,]+)/.exec(text) ??
          [];
      for (const role of roles.split(",")) {
        for (const who of [id, "none@pve"]) cluster.acls.push({ path, who, role, propagate: true });
      }
    }
  }
});

Deno.test("doctor shows an unknown host key with its line, asks nothing and remembers nothing", async () => {
  await using lab = await startLab();
  const env = { PXRUN_KNOWN_HOSTS: "/nonexistent/known_hosts" };
  const unknown =
    /^ssh pve0[12]: the SSH host key of \S+ is not known: .*SHA256:.* → compare it .*\n.*ssh-ed25519 AAAA/;
  complains(await examine(lab, env), unknown, unknown);
  complains(await examine(lab, env, { answers: ["y", "y"] }), unknown, unknown);
});

Deno.test("doctor says the same trouble with SSH once for all nodes", async () => {
  await using lab = await startLab();
  complains(
    await examine(lab, { SSH_KEY_PATH: "/nonexistent/key" }),
    /^ssh pve01: the SSH key \/nonexistent\/key does not exist → SSH_KEY_PATH names/,
    /^ssh no SSH to pve02 either, for the same reason → /,
  );
});

Deno.test("doctor names a node that does not answer by SSH, and one that is another", async () => {
  await using lab = await startLab();
  const { pve01 } = lab.simulator.ssh.nodes;
  const env = { PXRUN_SSH_NODES: `pve01=root@127.0.0.1:1,pve02=root@127.0.0.1:${pve01?.port}` };
  complains(
    await examine(lab, env),
    /^ssh pve01: no SSH connection to 127\.0\.0\.1:1: connection refused → .*PXRUN_SSH_NODES/,
    /^ssh pve02 as root@127\.0\.0\.1:\d+ .* leads to a host that calls itself pve01 → correct/,
  );
});

Deno.test("doctor names a node without pct", async () => {
  await using lab = await startLab({ lacking: ["pct"] });
  const missing = /^pct there is no pct on pve0[12] .* → is root@\S+ a node of Proxmox VE\?/;
  complains(await examine(lab), missing, missing);
});

Deno.test("doctor names the line that sudoers lacks for a user other than root", async () => {
  await using lab = await startLab({ sshUsers: [{ name: "admin" }, { name: "ops", sudo: true }] });
  const nodes = lab.simulator.env()["PXRUN_SSH_NODES"] ?? "";
  const by = (user: string): Env => ({ PXRUN_SSH_NODES: nodes.replaceAll("root@", `${user}@`) });
  const missing = /^sudo SSH user admin may not enter containers on pve0[12]: .*NOPASSWD/s;
  complains(await examine(lab, by("admin")), missing, missing);
  const findings = await examine(lab, by("ops"));
  complains(findings);
  assert.equal(findings.filter(({ check }) => check === "sudo").length, 2);
});

Deno.test("doctor tells how far the node's clock is off", async () => {
  for (
    const [ms, verdict, says] of [
      [
        -60_000,
        "warning",
        /^clock the clock of the API's node is \d+ s behind this machine's → .*chronyc/,
      ],
      [
        3 * 3_600_000,
        "failed",
        /^clock the clock of the API's node is 3 h ahead of this machine's: /,
      ],
    ] as const
  ) {
    await using lab = await startLab({ clock: shifted(ms) });
    const findings = await examine(lab);
    complains(findings, says);
    assert.equal(findings.find(({ check }) => check === "clock")?.verdict, verdict);
  }
});

Deno.test("doctor names a storage that is not active, one that is full, and a node that is down", async () => {
  await using lab = await startLab();
  const { simulator } = lab;
  const revive = simulator.inject({
    name: "storage-inactive",
    storage: "local-lvm",
    node: "pve01",
  });
  complains(
    await examine(lab),
    /^storage storage local-lvm is not active on pve01 → on pve01: `pvesm status` says why/,
  );
  revive();
  simulator.inject({ name: "full-storage", storage: "local-lvm" });
  simulator.inject({ name: "node-down", node: "pve02" });
  complains(
    await examine(lab),
    /^nodes pve02 is offline → `pvecm status`/,
    /^storage pve01 holds containers on local-lvm \(0 GiB free\) → make room/,
  );
});

Deno.test("doctor says what a node lacks for containers", async () => {
  const { nodes: [first], storages, ...preset } = demoPreset();
  assert.ok(first);
  const bare: Preset = {
    ...preset,
    nodes: [{ ...first, ifaces: [] }],
    storages: storages.map((storage) => ({ ...storage, content: ["iso"] })),
    volumes: [],
  };
  await using lab = await startLab({ preset: bare });
  complains(
    await examine(lab),
    /^storage no storage of pve01 holds containers .* → .*pvesm set STORAGE --content rootdir/,
    /^templates no storage of pve01 takes templates .* → .*vztmpl/,
    /^bridges no bridge of pve01 is visible → /,
  );
});

Deno.test("doctor knows which versions of Proxmox VE it works with", async () => {
  for (
    const [release, ...patterns] of [
      ["8.3", /^version Proxmox VE 8\.3 is too old: pxrun works with 8\.4 to 9 → upgrade/],
      ["8.4"],
      ["10.1", /^version Proxmox VE 10\.1 is newer than pxrun knows .* → look for a newer pxrun/],
    ] as const
  ) {
    const version = { version: `${release}.1`, release, repoid: "deb1ca707ec72a89" };
    await using lab = await startLab({ preset: { ...demoPreset(), version } });
    complains(await examine(lab), ...patterns);
  }
});

Deno.test("doctor tells how old the template index is", async () => {
  const clock = shifted(20 * 365 * DAY);
  await using lab = await startLab({ clock });
  const platform = { ...lab.platform(), clock };
  const status = await runCli(json, platform);
  const old = /^templates the template index of pve0[12] is 7300 days old → .*`pveam update`/;
  const findings = findingsOf(status, platform.stdout());
  complains(
    findings.filter(({ check }) => check !== "tls" && check !== "clock"),
    old,
    old,
  );
});

Deno.test("doctor --verbose shows who gives each value and what that hides, secrets as dots", async () => {
  await using lab = await startLab();
  const directory = await Deno.makeTempDir();
  try {
    const file = `${directory}/config.yaml`;
    const text = "contexts:\n  home:\n    host: elsewhere\n    pool: dev\n";
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    const { status, stdout } = await lab.run(["doctor", "-v", "--config", file]);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^✓ config +\S+config\.yaml, context home$/m);
    const row = (name: string): string =>
      stdout.split("\n").find((line) => line.trim().startsWith(`${name} `)) ?? "";
    assert.match(row("token_secret"), /••••  +environment: PROXMOX_TOKEN_SECRET$/);
    assert.match(row("host"), /environment: PROXMOX_HOST, not contexts\.home\.host in \S+yaml$/);
    assert.match(row("pool"), / dev +file: contexts\.home\.pool in \S+yaml$/);
    assert.ok(!stdout.includes(lab.simulator.token.secret));
    await Deno.chmod(file, 0o644);
    complains(
      await examine(lab, { PXRUN_CONFIG: file }),
      /^config the config file \S+ is open to others \(mode 0644\) → chmod 600 /,
    );
    await Deno.chmod(file, 0o600);
    complains(
      await examine(lab, { PXRUN_CONFIG: file, PXRUN_CONTEXT: "hmoe" }),
      /^config there is no context hmoe in \S+ → did you mean home\?/,
    );
    await Deno.writeTextFile(file, text.replace("pool:", "pol:"));
    complains(await examine(lab, { PXRUN_CONFIG: file }), /^config .*pol is not a key/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("doctor --verbose shows no secret that stands in another setting by mistake", async () => {
  await using lab = await startLab();
  const env = { PROXMOX_HOST: "https://me:hunter2@pve", PROXMOX_TOKEN_ID: "me@pve!laptop=1-2-3" };
  for (const format of ["table", "json"]) {
    const { stdout, stderr } = await lab.run(["doctor", "-v", "--format", format], { env });
    assert.equal(stdout.match(/\(malformed\)/g)?.length, 2);
    assert.doesNotMatch(stdout + stderr, /hunter2|1-2-3/);
  }
});

Deno.test("doctor by SSH alone names what keeps it out, once, and makes no token", async () => {
  await using lab = await startLab({ sshUsers: [{ name: "admin" }, { name: "ops", sudo: true }] });
  const login = logins.find(({ name }) => name === "SSH alone");
  const alone = login?.env(lab.simulator) ?? {};
  const nodes = lab.simulator.env()["PXRUN_SSH_NODES"] ?? "";
  const by = (user: string): Env => ({
    ...alone,
    PXRUN_SSH_NODES: nodes.replaceAll("root@", `${user}@`),
  });
  complains(
    await examine(lab, { ...alone, PXRUN_KNOWN_HOSTS: "/nonexistent/known_hosts" }),
    /^login the SSH host key of \S+ is not known: .* → compare it/,
  );
  complains(
    await examine(lab, by("admin")),
    /^login pvesh did not run \(GET \/version\): sudo: a password is required → .*NOPASSWD: \/usr\/bin\/pvesh/,
  );
  complains(await examine(lab, by("ops")));
  assert.equal(lab.simulator.cluster.tokens.size, demoPreset().tokens.length);
});

Deno.test("diagnose() leaves nothing open when its reader has heard enough", async () => {
  await using lab = await startLab();
  for (const enough of ["login", "rights", "ssh"]) {
    for await (const { check } of diagnose(lab.platform())) if (check === enough) break;
  }
});

Deno.test("doctor warns on every run that checks no certificate", async () => {
  await using lab = await startLab();
  const env = { PROXMOX_FINGERPRINT: undefined, PROXMOX_VERIFY_SSL: "false" };
  complains(await examine(lab, env), /^settings .*any server that answers.*--insecure/s);
  const { status, stdout } = await lab.run(["doctor", "--insecure"], { env });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^! tls +the certificate is not checked .*\n +→ unset it; .*FINGERPRINT=/m);
});

Deno.test("Ctrl-C ends the doctor at once with 130", async () => {
  await using lab = await startLab();
  lab.simulator.inject({ name: "delay", path: "/version", ms: 60_000 });
  const platform = lab.platform();
  const running = runCli(["doctor"], platform);
  await until("the login", () => platform.stdout().includes("✓ tls"));
  const before = Date.now();
  platform.interrupt();
  assert.equal(await running, 130);
  assert.ok(Date.now() - before < 5_000);
});
