import assert from "node:assert/strict";
import { newKey } from "../../../tests/support/ssh_agent.ts";
import { sshMachine } from "../../../tests/support/ssh_machine.ts";
import { startSshServer, type TestSshServer } from "../../../tests/support/ssh_server.ts";
import { PxrunError } from "../../core/errors.ts";
import { connectToNode, findNode, type NodeSshOptions, type NodeSshWorld } from "./node.ts";
import type { SshConnection } from "../client/connection.ts";
import { parseSshNodes } from "./node_address.ts";
import { keyText } from "../trust/wire.ts";

const key = newKey("me");

/** Finds pve01 and connects to it. */
async function connect(options: NodeSshOptions, at: NodeSshWorld): Promise<SshConnection> {
  return await connectToNode(await findNode("pve01", options, at), options, at);
}

const line = (server: TestSshServer): string =>
  `[127.0.0.1]:${server.port} ${keyText(server.publicKeys[0] ?? new Uint8Array())}`;
const nodes = (server: TestSshServer): NodeSshOptions => ({
  nodes: parseSshNodes(`pve01=127.0.0.1:${server.port}`),
});

Deno.test("connectToNode() logs in as root with the user's own key and known_hosts", async () => {
  await using server = await startSshServer();
  const files = { "/home/me/.ssh/known_hosts": line(server), "/home/me/.ssh/id_rsa": key.private };
  await using connection = await connect(nodes(server), sshMachine(files));
  assert.equal((await connection.exec("true")).code, 0);
  assert.deepEqual(server.logins.map(({ user }) => user), ["root"]);
});

Deno.test("connectToNode() goes by the user, key and known_hosts file that it is given", async () => {
  await using server = await startSshServer();
  const other = newKey("other");
  const files = {
    "/tmp/known_hosts": line(server),
    "/home/me/.ssh/id_rsa": other.private,
    "/home/me/key": key.private,
  };
  const options = {
    ...nodes(server),
    user: "admin",
    keyPath: "~/key",
    knownHosts: "/tmp/known_hosts",
  };
  await using connection = await connect(options, sshMachine(files));
  assert.equal((await connection.exec("true")).code, 0);
  const [login] = server.logins;
  assert.equal(login?.user, "admin");
  assert.deepEqual(login?.key, new Uint8Array(key.key.getPublicSSH()));
});

Deno.test("connectToNode() names the file that an unknown host's line belongs in", async () => {
  await using server = await startSshServer();
  await assert.rejects(connect(nodes(server), sshMachine({})), {
    code: "UNTRUSTED",
    hint: /add this line to \/home\/me\/\.ssh\/known_hosts:\n {2}\[127\.0\.0\.1\]:\d+ ssh-ed25519 /,
  });
  const options = { ...nodes(server), knownHosts: "/tmp/known_hosts" };
  await assert.rejects(connect(options, sshMachine({})), {
    hint: /add this line to \/tmp\/known_hosts:/,
  });
});

Deno.test("connectToNode() says so when the key that it is given does not exist", async () => {
  await using server = await startSshServer();
  const options = { ...nodes(server), keyPath: "/tmp/no-key" };
  await assert.rejects(connect(options, sshMachine({})), {
    code: "NOT_FOUND",
    message: "the SSH key /tmp/no-key does not exist",
  });
});

Deno.test("connectToNode() names key files that are not there, unless only ssh's usual ones", async () => {
  await using server = await startSshServer({ accept: () => false });
  const withKeys = (...keys: readonly string[]): NodeSshWorld => ({
    ...sshMachine({ "/home/me/.ssh/known_hosts": line(server) }),
    run() {
      const lines = [
        "userknownhostsfile ~/.ssh/known_hosts",
        ...keys.map((k) => `identityfile ${k}`),
      ];
      const stdout = new TextEncoder().encode(`${lines.join("\n")}\n`);
      return Promise.resolve({ code: 0, stdout, stderr: new Uint8Array() });
    },
  });
  await assert.rejects(connect(nodes(server), withKeys("~/.ssh/id_rsa", "~/work")), {
    code: "UNAUTHORIZED",
    message: /; \/home\/me\/\.ssh\/id_rsa, \/home\/me\/work does not exist/,
  });
  await assert.rejects(connect(nodes(server), withKeys("~/.ssh/id_rsa", "~/.ssh/id_ed25519")), {
    code: "UNAUTHORIZED",
    message: /^there is no SSH key to log in with as root@127\.0\.0\.1:\d+$/,
  });
});

Deno.test("findNode() asks for the address that the cluster gives, only when nobody else knows", async () => {
  const asked: string[] = [];
  const ask: NodeSshOptions["ask"] = (node) => {
    asked.push(node);
    return Promise.resolve({ clusterIp: "10.0.0.9" });
  };
  const nodes = parseSshNodes("pve01=admin@10.0.0.1:2222");
  const set = await findNode("pve01", { nodes, ask }, sshMachine({}));
  assert.deepEqual([set.user, set.host, set.port], ["admin", "10.0.0.1", 2222]);
  assert.deepEqual(asked, []);
  const found = await findNode("pve02", { nodes, ask }, sshMachine({}));
  assert.deepEqual([found.user, found.host, found.port], ["root", "10.0.0.9", 22]);
  assert.deepEqual(asked, ["pve02"]);
  await assert.rejects(findNode("pve01", {}, sshMachine({})), { code: "USAGE" });
});

Deno.test("connectToNode() ends with the signal's reason", async () => {
  const way = await findNode("pve01", { nodes: parseSshNodes("pve01=127.0.0.1") }, sshMachine({}));
  const stop = AbortSignal.abort(new Error("enough"));
  await assert.rejects(connectToNode(way, {}, sshMachine({}), stop), /enough/);
});

/** A user who is not to be asked about a host. */
const unasked: NodeSshOptions["questions"] = {
  admit: () => assert.fail("asked about a host key"),
  passphrase: () => assert.fail("asked for a passphrase"),
  login: () => assert.fail("asked for a password"),
};

Deno.test("connectToNode() asks nobody about a host whose key has changed", async () => {
  await using server = await startSshServer();
  const other = keyText(new Uint8Array(newKey("other").key.getPublicSSH()));
  const files = {
    "/home/me/.ssh/known_hosts": `[127.0.0.1]:${server.port} ${other}`,
    "/home/me/.ssh/id_rsa": key.private,
  };
  await assert.rejects(connect({ ...nodes(server), questions: unasked }, sshMachine(files)), {
    code: "UNTRUSTED",
    firstUse: false,
  });
  assert.deepEqual(server.logins, []);
});

Deno.test("connectToNode() asks nobody about a host whose known_hosts may not be read", async () => {
  await using server = await startSshServer();
  const machine = sshMachine({ "/home/me/.ssh/id_rsa": key.private });
  const denied = new PxrunError(
    "USAGE",
    "cannot read /home/me/.ssh/known_hosts: permission denied",
  );
  const at: NodeSshWorld = {
    ...machine,
    files: {
      ...machine.files,
      read: (path) =>
        path === "/home/me/.ssh/known_hosts" ? Promise.reject(denied) : machine.files.read(path),
    },
  };
  await assert.rejects(connect({ ...nodes(server), questions: unasked }, at), {
    code: "UNTRUSTED",
    firstUse: false,
    message: /cannot be checked: cannot read \/home\/me\/\.ssh\/known_hosts: permission denied$/,
  });
  assert.deepEqual(server.logins, []);
});

Deno.test("findNode() asks ssh_config as the user who will log in, or as root", async () => {
  const at: NodeSshWorld = {
    ...sshMachine({}),
    run(_, args) {
      const user = args.includes("-l") ? args[args.indexOf("-l") + 1] : "me";
      const port = { admin: 2922, root: 2222 }[user ?? ""] ?? 22;
      const text = `user ${user}\nhostname 127.0.0.1\nport ${port}\nidentityfile ~/.ssh/of_%r\n`;
      const none = new Uint8Array();
      return Promise.resolve({ code: 0, stdout: new TextEncoder().encode(text), stderr: none });
    },
  };
  const admin = await findNode("pve01", { user: "admin" }, at);
  assert.deepEqual([admin.user, admin.port], ["admin", 2922]);
  assert.deepEqual(admin.config.identityFiles, ["/home/me/.ssh/of_admin"]);
  const root = await findNode("pve01", {}, at);
  assert.deepEqual([root.user, root.port], ["root", 2222]);
});

Deno.test("connectToNode() goes through no host that was not named, and names what leads there", async () => {
  await using other = await startSshServer();
  const options: NodeSshOptions = {
    nodes: parseSshNodes(`pve02=127.0.0.1:${other.port}`),
    // The broadcast address: no route for TCP, which the machine itself says at once.
    ask: () => Promise.resolve({ clusterIp: "255.255.255.255" }),
  };
  await assert.rejects(connect(options, sshMachine({})), {
    code: "UNREACHABLE",
    hint: /ProxyJump .*PXRUN_SSH_NODES=/,
  });
  assert.equal(other.connections, 0);
});
