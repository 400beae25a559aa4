import assert from "node:assert/strict";
import { checkHostKey, knownHostsName, parseKnownHosts } from "../../lib/ssh/trust/known_hosts.ts";
import { type Lab, startLab } from "../support/simulator.ts";

const stdin = "container: { hostname: web-1, template: debian-13, node: pve01 }\n" +
  "provisioning: { scripts: [{ name: it, content: 'true' }] }\n";

async function withKnownHosts(test: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(`${directory}/new/known_hosts`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("create shows an unknown node's key on a terminal, and remembers it after a yes", async () => {
  await withKnownHosts(async (path) => {
    await using lab = await startLab();
    const env = { PXRUN_KNOWN_HOSTS: path };
    const { status, stderr } = await lab.run(["create", "-"], { stdin, env, answers: ["y", "y"] });
    assert.equal(status, 0, stderr);
    const { host = "", port = 0, publicKey = "" } = lab.simulator.ssh.nodes["pve01"] ?? {};
    const name = knownHostsName({ host, port });
    assert.ok(stderr.includes(`SSH does not know ${name} yet`), stderr);
    assert.match(stderr, /ssh-ed25519 SHA256:[\w+/]{43}\n.*`ssh-keygen -lf .*ed25519_key\.pub`/);
    // Whether the name is hashed is up to the machine's own ssh_config.
    const known = parseKnownHosts(await Deno.readTextFile(path), path);
    const key = Uint8Array.fromBase64(publicKey.split(" ")[1] ?? "");
    assert.equal(known.length, 1);
    assert.equal(checkHostKey(known, { host, port }, key).kind, "match");
    const again = await lab.run(["create", "-"], { stdin, env, answers: ["n"] });
    assert.ok(!again.stderr.includes("does not know"), again.stderr);
  });
});

Deno.test("create changes nothing and remembers nothing when the user says no, or may not be asked", async () => {
  await withKnownHosts(async (path) => {
    await using lab = await startLab();
    const env = { PXRUN_KNOWN_HOSTS: path };
    const runs = [
      await lab.run(["create", "-"], { stdin, env, answers: ["n", "y"] }),
      await lab.run(["create", "-", "--yes"], { stdin, env, answers: ["y", "y"] }),
      await lab.run(["create", "-", "--yes"], { stdin, env }),
    ];
    for (const { status, stderr } of runs) {
      assert.equal(status, 4, stderr);
      assert.match(stderr, /no SSH to pve01: the SSH host key of \S+ is not known/);
    }
    assert.deepEqual(lab.containers(), []);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  });
});

Deno.test("create ends as interrupted when the user gives up at SSH's question", async () => {
  await withKnownHosts(async (path) => {
    await using lab = await startLab();
    const env = { PXRUN_KNOWN_HOSTS: path };
    const { status, stderr } = await lab.run(["create", "-"], { stdin, env, answers: [] });
    assert.equal(status, 130, stderr);
    assert.ok(!stderr.includes("cannot create"), stderr);
    assert.deepEqual(lab.containers(), []);
  });
});

Deno.test("create goes through sudo for a user other than root", async () => {
  await using lab = await startLab({ sshUsers: [{ name: "admin", sudo: true }] });
  const env = usedBy(lab, "admin");
  const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin, env });
  assert.equal(status, 0, stderr);
  const commands = lab.simulator.ssh.commands.map(({ command }) => command);
  assert.equal(commands[0], "sudo -n lxc-attach --version");
  const asRoot = /^(sh -c 'read -r go && exec )?sudo -n /;
  assert.ok(commands.every((command) => asRoot.test(command)), commands.join("\n"));
});

Deno.test("create says before it changes anything which line sudoers lacks", async () => {
  await using lab = await startLab({ sshUsers: [{ name: "admin" }] });
  const env = usedBy(lab, "admin");
  const { status, stderr } = await lab.run(["create", "-", "--yes"], { stdin, env });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /SSH user admin may not enter containers on pve01: sudo: a password/);
  assert.match(
    stderr,
    /\n +admin ALL=\(root\) NOPASSWD: \/usr\/bin\/lxc-attach, \/usr\/sbin\/pct\n/,
  );
  assert.deepEqual(lab.containers(), []);
});

/** The simulator's nodes, entered by another user. */
function usedBy({ simulator }: Lab, user: string): Record<string, string> {
  const nodes = simulator.env()["PXRUN_SSH_NODES"] ?? "";
  return { SSH_USER: user, PXRUN_SSH_NODES: nodes.replaceAll("root@", `${user}@`) };
}
