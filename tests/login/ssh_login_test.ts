import assert from "node:assert/strict";
import { connect } from "../../lib/cluster/connect.ts";
import { list } from "../../lib/cluster/guests/list.ts";
import { tokenComment } from "../../lib/proxmox/api/run_tokens.ts";
import { type SshServers, startSshServers } from "../../sim/ssh/mod.ts";
import { selfSigned } from "../support/certificate.ts";
import { logins, runTokens } from "../support/logins.ts";
import { type Lab, type Ran, startLab } from "../support/simulator.ts";
import { tlsServer } from "../support/tls_server.ts";
import { until } from "../support/until.ts";

/** The environment of SSH alone. */
function alone(lab: Lab): Record<string, string | undefined> {
  return { ...logins.find(({ name }) => name === "SSH alone")?.env(lab.simulator) };
}

/** Commands that came over SSH and hold this. */
function commands(lab: Lab, part: string): string[] {
  return lab.simulator.ssh.commands.map(({ command }) => command)
    .filter((command) => command.includes(part));
}

Deno.test("SSH alone sends nothing before something is asked, and then makes one token", async () => {
  await using lab = await startLab();
  const platform = lab.platform({ env: alone(lab) });
  {
    await using cluster = await connect(platform);
    assert.equal(lab.simulator.ssh.commands.length, 0);
    await Promise.all([list(cluster), list(cluster)]);
    assert.deepEqual(runTokens(lab.simulator), [cluster.tokenId]);
    const token = lab.simulator.cluster.tokens.get(cluster.tokenId);
    const left = (token?.expire ?? 0) * 1000 - Date.now();
    assert.ok(left > 3.9 * 3_600_000 && left <= 4 * 3_600_000);
    assert.equal(token?.comment, tokenComment(platform.self));
  }
  assert.deepEqual(runTokens(lab.simulator), []);
  assert.equal(commands(lab, "pvesh create").length, 1);
  assert.ok(lab.simulator.requests.every(({ token }) => token?.startsWith("root@pam!pxrun-")));
});

Deno.test("SSH alone needs only a node, by PROXMOX_HOST or by PXRUN_SSH_NODES", async () => {
  await using lab = await startLab();
  const env = { ...alone(lab), PROXMOX_HOST: undefined };
  assert.equal((await lab.run(["list"], { env })).status, 0);
  const named = { ...alone(lab), PROXMOX_HOST: "pve02" };
  assert.equal((await lab.run(["list"], { env: named })).status, 0);
  assert.deepEqual(
    lab.simulator.ssh.commands.filter(({ command }) => command.includes("pvesh create"))
      .map(({ node }) => node),
    ["pve01", "pve02"],
  );
  const before = lab.simulator.ssh.commands.length;
  const stranger = await lab.run(["list"], { env: { ...alone(lab), PROXMOX_HOST: "127.0.0.9" } });
  assert.notEqual(stranger.status, 0);
  assert.match(stranger.stderr, /by SSH alone: .*127\.0\.0\.9/);
  assert.equal(lab.simulator.ssh.commands.length, before, "no other node is taken instead");
});

Deno.test("SSH alone goes on over a new connection after the first was lost", async () => {
  await using lab = await startLab();
  await using cluster = await connect(lab.platform({ env: alone(lab) }));
  await list(cluster);
  await (await cluster.ssh("pve01")).close();
  await list(cluster);
  assert.equal(commands(lab, "pvesh create").length, 1);
});

Deno.test("SSH alone by another user goes through sudo", async () => {
  await using lab = await startLab({
    sshUsers: [{ name: "admin", sudo: true }, { name: "guest" }],
  });
  const as = (user: string) => {
    const env = alone(lab);
    const nodes = lab.simulator.env()["PXRUN_SSH_NODES"]?.replaceAll("root@", `${user}@`);
    return lab.run(["list"], { env: { ...env, PXRUN_SSH_NODES: nodes } });
  };
  assert.equal((await as("admin")).status, 0);
  assert.equal(commands(lab, "sudo -n pvesh").length, 2);
  const { status, stderr } = await as("guest");
  assert.equal(status, 4, stderr);
  assert.match(stderr, /by SSH alone: .*password is required[\s\S]*NOPASSWD: /);
});

Deno.test("SSH alone that is refused says how else to log in", async () => {
  await using lab = await startLab();
  const env = { ...alone(lab), SSH_KEY_PATH: undefined };
  const { status, stderr } = await lab.run(["list"], { env });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /cannot log in by SSH alone: [\s\S]*PROXMOX_TOKEN_ID/);
});

Deno.test("SSH alone: Ctrl-C while the token is made removes it", async () => {
  await using lab = await startLab();
  lab.simulator.ssh.inject({ name: "delay", ms: 50 });
  const platform = lab.platform({ env: alone(lab) });
  const cluster = await connect(platform);
  const listing = list(cluster).catch((error: unknown) => error);
  await until("the command", () => commands(lab, "pvesh create").length > 0);
  await cluster.close();
  assert.ok(await listing instanceof Error);
  assert.equal(commands(lab, "pvesh delete").length, 1);
  assert.deepEqual(runTokens(lab.simulator), []);
});

Deno.test("SSH alone: a token that cannot be removed is named, and the end is not held up", async () => {
  await using lab = await startLab();
  const platform = lab.platform({ env: alone(lab) });
  const cluster = await connect(platform);
  await list(cluster);
  lab.simulator.ssh.inject({ name: "drop-exec", at: 1 });
  await cluster.close();
  assert.match(
    platform.stderr(),
    /root@pam!pxrun-.* could not be removed .*a cleanup removes it now/,
  );
  assert.deepEqual(runTokens(lab.simulator), [cluster.tokenId]);
});

Deno.test("cleanup removes the tokens whose run is over, and no other", async () => {
  await using lab = await startLab();
  const { tokens } = lab.simulator.cluster;
  const { self } = lab.platform();
  const soon = Math.floor(Date.now() / 1000) + 3600;
  const add = (name: string, expire: number, comment?: string) => {
    const id = `root@pam!pxrun-${name}`;
    tokens.set(id, { id, secret: "x", privsep: false, expire, ...(comment && { comment }) });
  };
  const ended = { host: self.host, pid: 2 ** 22 + 1 };
  add("dead", soon, tokenComment({ ...self, ...ended }));
  add("alive", soon, tokenComment(self));
  add("elsewhere", soon, tokenComment({ ...ended, pidScope: "another container/1" }));
  add("unknown", soon, tokenComment({ ...ended, pidScope: undefined }));
  add("expired", soon - 7200, tokenComment({ host: "other.example", pid: 2, pidScope: undefined }));
  add("somebodys", soon);
  const left = (...names: string[]) =>
    assert.deepEqual(runTokens(lab.simulator), names.map((name) => `root@pam!pxrun-${name}`));
  const env = alone(lab);
  const refused = await lab.run(["cleanup"], { env });
  assert.equal(refused.status, 2, refused.stderr);
  const no = await lab.run(["cleanup"], { env, answers: ["n"] });
  assert.equal(no.status, 1, no.stderr);
  assert.match(
    no.stderr,
    /dead .*its run is over[\s\S]*3 tokens may be in use[\s\S]*cancelled\n$/,
  );
  const dry = await lab.run(["cleanup", "--dry-run", "--format", "json"], { env });
  assert.equal(JSON.parse(dry.stdout).tokens.length, 5);
  left("dead", "alive", "elsewhere", "unknown", "expired", "somebodys");
  const yes = await lab.run(["cleanup", "--yes", "--format", "json"], { env });
  assert.equal(JSON.parse(yes.stdout).removed.tokens.length, 2, yes.stderr);
  left("alive", "elsewhere", "unknown", "somebodys");
  assert.equal((await lab.run(["cleanup", "--all"], { env, answers: ["y"] })).status, 0);
  left("somebodys");
  for (const args of [["cleanup", "--yes"], ["cleanup", "--dry-run"]]) {
    const { status, stdout, stderr } = await lab.run(args, { env });
    assert.deepEqual([status, stdout + stderr], [0, "no leftovers\n"]);
  }
});

Deno.test("cleanup removes the rest when a token goes by itself meanwhile", async () => {
  await using lab = await startLab({
    onArrival: (arrival) => {
      // Its own run is quicker.
      if (arrival.by === "REST" && arrival.method === "DELETE" && /-first$/.test(arrival.path)) {
        lab.simulator.cluster.tokens.delete("root@pam!pxrun-first");
      }
    },
  });
  const { self } = lab.platform();
  for (const name of ["first", "second"]) {
    const id = `root@pam!pxrun-${name}`;
    const comment = tokenComment({ ...self, pid: 2 ** 22 + 1 });
    const expire = Math.floor(Date.now() / 1000) + 3600;
    lab.simulator.cluster.tokens.set(id, { id, secret: "x", privsep: false, expire, comment });
  }
  const { status, stderr } = await lab.run(["cleanup", "--yes"], { env: alone(lab) });
  assert.equal(status, 0, stderr);
  assert.deepEqual(runTokens(lab.simulator), []);
});

Deno.test("cleanup as somebody who may not see the tokens of root@pam says who may", async () => {
  await using lab = await startLab();
  const token = lab.simulator.tokens["pxrun@pve!laptop"];
  const env = { PROXMOX_TOKEN_ID: token?.id, PROXMOX_TOKEN_SECRET: token?.secret };
  const { status, stderr } = await lab.run(["cleanup", "--yes"], { env });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /may not see tokens of root@pam[\s\S]*SSH alone/);
  // The login may come from the config file.
  assert.match(stderr, /PXRUN_CONFIG= PROXMOX_HOST=NODE pxrun cleanup/);
});

/** Runs `list` by SSH alone through servers of the test's own. */
async function listThrough(lab: Lab, servers: SshServers): Promise<Ran> {
  const directory = await Deno.makeTempDir();
  try {
    const { pve01 } = servers.nodes;
    const knownHosts = `${directory}/known_hosts`;
    const key = `${directory}/key`;
    await Deno.writeTextFile(knownHosts, `${pve01?.hostKey}\n`);
    await Deno.writeTextFile(key, servers.privateKey, { mode: 0o600 });
    const env = {
      ...alone(lab),
      PXRUN_SSH_NODES: `pve01=root@127.0.0.1:${pve01?.port}`,
      PXRUN_KNOWN_HOSTS: knownHosts,
      SSH_KEY_PATH: key,
    };
    return await lab.run(["list"], { env });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("SSH alone: another certificate on the node's port gets not one byte", async () => {
  await using lab = await startLab();
  const own = await selfSigned();
  const foreign = await selfSigned();
  await using recorder = await tlsServer(foreign, () => {});
  await using ssh = await startSshServers(lab.simulator.cluster, {
    apiPort: recorder.port,
    certificatePem: own.cert,
  });
  const { status, stderr } = await listThrough(lab, ssh);
  assert.equal(status, 4, stderr);
  assert.ok(stderr.includes(own.fingerprint) && stderr.includes(foreign.fingerprint));
  assert.equal(recorder.bytes, 0);
  assert.deepEqual(runTokens(lab.simulator), []);
});

Deno.test("SSH alone: a server that forwards nothing is named, and the token removed", async () => {
  await using lab = await startLab();
  const { cert: certificatePem } = await selfSigned();
  await using ssh = await startSshServers(lab.simulator.cluster, { certificatePem });
  const { status, stderr } = await listThrough(lab, ssh);
  assert.equal(status, 5, stderr);
  assert.match(stderr, /127\.0\.0\.1:8006 through SSH: [\s\S]*AllowTcpForwarding/);
  assert.equal(ssh.commands.filter(({ command }) => command.includes("pvesh")).length, 2);
  assert.deepEqual(runTokens(lab.simulator), []);
});

Deno.test("SSH alone: a node whose certificate cannot be read gets no token", async () => {
  await using lab = await startLab();
  await using ssh = await startSshServers(lab.simulator.cluster);
  const { status, stderr } = await listThrough(lab, ssh);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /by SSH alone: the certificate of the API cannot be read: /);
  assert.ok(ssh.commands.every(({ command }) => !command.includes("pvesh")));
});
