import assert from "node:assert/strict";
import { createServer } from "node:net";
// @ts-types="@types/ssh2"
import { Client, utils } from "ssh2";
// @ts-types="@types/ssh2"
import type { ClientChannel, ConnectConfig } from "ssh2";
import { eventually } from "../guest/testing.ts";
import { endCluster, startContainer, testCluster } from "../node/testing.ts";
import type { Cluster } from "../state/cluster.ts";
import { type SshServers, type SshServersOptions, startSshServers } from "./mod.ts";

interface Rig extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly servers: SshServers;
  connect(config?: ConnectConfig): Promise<Client>;
}

async function rig(options: SshServersOptions = {}): Promise<Rig> {
  const cluster = testCluster();
  const servers = await startSshServers(cluster, options);
  const clients: Client[] = [];
  return {
    cluster,
    servers,
    connect: (config = {}) => {
      const client = new Client();
      clients.push(client);
      const { host, port } = servers.nodes["pve01"] ?? {};
      return new Promise((resolve, reject) => {
        client.on("connect", () => client.setNoDelay(true));
        client.on("ready", () => resolve(client));
        client.on("error", reject);
        client.on("close", () => reject(new Error("closed before it was ready")));
        const { privateKey } = servers;
        client.connect({
          host: host ?? "",
          port: port ?? 0,
          username: "root",
          privateKey,
          ...config,
        });
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.end();
      await servers.close();
      await endCluster(cluster);
    },
  };
}

interface Ended {
  readonly exit: readonly unknown[];
  readonly out: string;
  readonly err: string;
}

/** Runs a command; `onChannel` sees the channel at once and feeds it, else its input is closed. */
function exec(
  client: Client,
  command: string,
  onChannel: (channel: ClientChannel) => void = (channel) => channel.end(),
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const ended = { exit: [] as unknown[], out: "", err: "" };
      const decoder = new TextDecoder();
      channel.on("data", (chunk: Uint8Array) => ended.out += decoder.decode(chunk));
      channel.stderr.on("data", (chunk: Uint8Array) => ended.err += decoder.decode(chunk));
      channel.on("exit", (...words: unknown[]) => ended.exit = words);
      channel.on("close", () => resolve(ended));
      onChannel(channel);
    });
  });
}

Deno.test("startSshServers() has a server with a host key of its own for each node", async () => {
  await using test = await rig();
  const { nodes } = test.servers;
  assert.deepEqual(Object.keys(nodes), ["pve01", "pve02"]);
  for (const { host, port, hostKey, publicKey } of Object.values(nodes)) {
    assert.equal(hostKey, `[${host}]:${port} ${publicKey}`);
    assert.match(publicKey, /^ssh-ed25519 AAAA\S+$/);
  }
  assert.notEqual(nodes["pve01"]?.publicKey, nodes["pve02"]?.publicKey);
  let offered = "";
  await test.connect({
    hostVerifier: (key: Uint8Array) => {
      offered = btoa(String.fromCharCode(...key));
      return true;
    },
  });
  assert.equal(`ssh-ed25519 ${offered}`, nodes["pve01"]?.publicKey);
});

Deno.test("startSshServers() accepts one key, and passwords where there are any", async () => {
  const users = [{ name: "root", password: "secret" }, { name: "admin", sudo: true }];
  await using test = await rig({ users });
  const admin = await test.connect({ username: "admin" });
  assert.equal((await exec(admin, "id -un; sudo -n id -un")).out, "admin\nroot\n");
  const { privateKey: _, ...noKey } = { privateKey: undefined };
  await test.connect({ ...noKey, privateKey: "", password: "secret" });
  const refused = /All configured authentication methods failed/;
  await assert.rejects(test.connect({ privateKey: "", password: "wrong" }), refused);
  await assert.rejects(
    test.connect({ username: "admin", privateKey: "", password: "secret" }),
    refused,
  );
  await assert.rejects(test.connect({ username: "nobody" }), refused);
  await assert.rejects(
    test.connect({ privateKey: utils.generateKeyPairSync("ed25519").private }),
    refused,
  );
});

Deno.test("startSshServers() runs commands with split streams, codes and signals", async () => {
  await using test = await rig();
  const client = await test.connect();
  assert.deepEqual(await exec(client, "echo out; echo err >&2; exit 3"), {
    exit: [3],
    out: "out\n",
    err: "err\n",
  });
  assert.deepEqual((await exec(client, "exit 143")).exit, [143]);
  assert.deepEqual((await exec(client, "kill -TERM $$")).exit.slice(0, 2), [null, "SIGTERM"]);
  assert.deepEqual(await exec(client, "echo $HOME $USER $0; pwd; id -u"), {
    exit: [0],
    out: "/root root bash\n/root\n0\n",
    err: "",
  });
  const both = await Promise.all([
    exec(client, "sleep 0.05; echo a"),
    exec(client, "sleep 0.05; echo b"),
  ]);
  assert.deepEqual(both.map(({ out }) => out), ["a\n", "b\n"]);
});

Deno.test("startSshServers() streams standard input and output, all bytes of it", async () => {
  await using test = await rig();
  const client = await test.connect();
  const bytes = Uint8Array.from({ length: 500_000 }, (_, i) => (i * 7) & 255);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const sum = await exec(client, "cat > /tmp/b; sha256sum < /tmp/b; wc -c < /tmp/b", (channel) => {
    channel.write(bytes.subarray(0, 1000));
    channel.end(bytes.subarray(1000));
  });
  assert.equal(sum.out, `${hash}  -\n500000\n`);
  assert.equal(test.servers.commands.at(-1)?.stdin, 500_000);
  assert.equal(
    (await exec(client, "head -c 3000000 /dev/zero | base64 -w 0")).out.length,
    4_000_000,
  );
  const dialogue: string[] = [];
  await exec(client, "while read -r l; do echo got $l; done", (channel) => {
    channel.on("data", (chunk: Uint8Array) => {
      dialogue.push(new TextDecoder().decode(chunk));
      if (dialogue.length === 1) channel.write("two\n");
      else channel.end();
    });
    channel.write("one\n");
  });
  assert.deepEqual(dialogue, ["got one\n", "got two\n"]);
});

Deno.test("startSshServers() runs containers' programs, and records what ran where", async () => {
  await using test = await rig();
  await startContainer(test.cluster, 105);
  const client = await test.connect();
  const feed = "cat /etc/hostname; exit 9\n";
  const ended = await exec(
    client,
    "lxc-attach -n 105 --clear-env -- sh -s",
    (channel) => channel.end(feed),
  );
  assert.deepEqual(ended, { exit: [9], out: "web\n", err: "" });
  assert.deepEqual(test.servers.commands, [
    {
      node: "pve01",
      user: "root",
      command: "lxc-attach -n 105 --clear-env -- sh -s",
      stdin: feed.length,
    },
  ]);
  assert.deepEqual(test.servers.argvs.at(-1), {
    node: "pve01",
    argv: ["lxc-attach", "-n", "105", "--clear-env", "--", "sh", "-s"],
  });
  assert.deepEqual(test.cluster.cts.get(105)?.guest?.argvs.map((argv) => argv[0]), ["sh", "cat"]);
});

Deno.test("startSshServers() sends the exit status before background children let go", async () => {
  await using test = await rig();
  await startContainer(test.cluster, 105);
  const client = await test.connect();
  const order: string[] = [];
  const ended = await exec(
    client,
    "lxc-attach -n 105 --clear-env -- sh -c '(sleep 0.2; echo late) & exit 4'",
    (channel) => {
      channel.on("exit", () => order.push("exit"));
      channel.on("data", () => order.push("data"));
      channel.on("close", () => order.push("close"));
      channel.end();
    },
  );
  assert.deepEqual([ended.exit, ended.out, order], [[4], "late\n", ["exit", "data", "close"]]);
});

Deno.test("startSshServers() refuses the eleventh session of a connection", async () => {
  await using test = await rig();
  const client = await test.connect();
  const open: ClientChannel[] = [];
  const running = Array.from(
    { length: 10 },
    () => exec(client, "cat", (channel) => open.push(channel)),
  );
  await eventually(() => open.length === 10);
  await assert.rejects(exec(client, "true"), /open failed/);
  open.pop()?.end();
  await Promise.race(running);
  await eventually(async () =>
    await exec(client, "true").then(({ exit }) => exit[0] === 0, () => false)
  );
  const other = await test.connect();
  assert.deepEqual((await exec(other, "true")).exit, [0]);
  for (const channel of open) channel.end();
  await Promise.all(running);
});

Deno.test("a closed channel ends what ran on the node, and not what runs in a container", async () => {
  await using test = await rig();
  await startContainer(test.cluster, 105);
  const client = await test.connect();
  const command = "sleep 61 & pct exec 105 -- sleep 62";
  const running = exec(client, command, (channel) => {
    void eventually(() => test.cluster.cts.get(105)?.guest?.argvs.length === 1).then(() =>
      channel.close()
    );
  });
  await running;
  await eventually(async () => (await exec(client, "pgrep sleep")).exit[0] === 1);
  assert.match((await exec(client, "pct exec 105 -- pgrep -a sleep")).out, /^\d+ sleep 62\n$/);
});

Deno.test("a lost connection ends what ran on the node", async () => {
  await using test = await rig();
  const client = await test.connect();
  const running = exec(client, "sleep 63", (channel) => void channel.resume());
  await eventually(() => test.servers.argvs.some(({ argv }) => argv[0] === "sleep"));
  client.destroy();
  await running;
  const other = await test.connect();
  await eventually(async () => (await exec(other, "pgrep sleep")).exit[0] === 1);
});

Deno.test("startSshServers() has shells, terminals and variables, and passes no signal on", async () => {
  await using test = await rig();
  const client = await test.connect();
  const shell = await new Promise<string>((resolve, reject) =>
    client.shell(false, (error, channel) => {
      if (error) return reject(error);
      let out = "";
      channel.on("data", (chunk: Uint8Array) => out += new TextDecoder().decode(chunk));
      channel.on("close", () => resolve(out));
      channel.end("echo $0; tty\nexit 2\n");
    })
  );
  assert.equal(shell, "bash\nnot a tty\n");
  const tty = await new Promise<string>((resolve, reject) =>
    client.exec(
      "tty; test -t 1 && echo out",
      { pty: true, env: { LANG: "C" } },
      (error, channel) => {
        if (error) return reject(error);
        let out = "";
        channel.on("data", (chunk: Uint8Array) => out += new TextDecoder().decode(chunk));
        channel.on("close", () => resolve(out));
        channel.setWindow(24, 80, 0, 0);
        channel.end();
      },
    )
  );
  assert.equal(tty, "/dev/pts/0\nout\n");
  const signalled = await exec(client, "read l; echo got $l", (channel) => {
    channel.signal("KILL");
    channel.end("line\n");
  });
  assert.equal(signalled.out, "got line\n");
});

Deno.test("startSshServers() answers keepalives", async () => {
  await using test = await rig();
  const client = await test.connect({ keepaliveInterval: 5, keepaliveCountMax: 2 });
  assert.deepEqual((await exec(client, "sleep 0.2")).exit, [0]);
});

Deno.test("startSshServers() forwards 127.0.0.1:8006 to the API, and nothing else", async () => {
  const api = createServer((socket) => socket.end("api\n"));
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", () => resolve()));
  const address = api.address();
  const apiPort = typeof address === "object" && address !== null ? address.port : 0;
  await using test = await rig({ apiPort });
  const client = await test.connect();
  const forward = (port: number) =>
    new Promise<string>((resolve, reject) =>
      client.forwardOut("127.0.0.1", 0, "127.0.0.1", port, (error, channel) => {
        if (error) return reject(error);
        let text = "";
        channel.on("data", (chunk: Uint8Array) => text += new TextDecoder().decode(chunk));
        channel.on("close", () => resolve(text));
      })
    );
  assert.equal(await forward(8006), "api\n");
  await assert.rejects(forward(22), /open failed/);
  await new Promise<void>((resolve) => api.close(() => resolve()));
  await assert.rejects(forward(8006), /open failed/);
  await using without = await rig();
  const other = await without.connect();
  await assert.rejects(
    new Promise((resolve, reject) =>
      other.forwardOut(
        "127.0.0.1",
        0,
        "127.0.0.1",
        8006,
        (error) => error ? reject(error) : resolve(0),
      )
    ),
    /open failed/,
  );
});

Deno.test("SshServers.inject() refuses, drops and delays", async () => {
  await using test = await rig();
  const stop = test.servers.inject({ name: "refuse", node: "pve01" });
  await assert.rejects(test.connect());
  stop();
  const client = await test.connect();
  test.servers.inject({ name: "refuse", node: "pve02" });
  test.servers.inject({ name: "drop-exec", at: 2 });
  assert.deepEqual((await exec(client, "true")).exit, [0]);
  const dropped = await exec(client, "echo never");
  assert.deepEqual(dropped, { exit: [], out: "", err: "" });
  assert.deepEqual(test.servers.commands.map(({ command }) => command), ["true"]);
  const undo = test.servers.inject({ name: "delay", ms: 100 });
  const again = await test.connect();
  const began = performance.now();
  await exec(again, "true");
  assert.ok(performance.now() - began >= 95);
  undo();
  test.servers.inject({ name: "drop-packet", at: 3 });
  await assert.rejects(test.connect());
  assert.deepEqual((await exec(await test.connect(), "true")).exit, [0]);
});

Deno.test("SshServers.close() ends everything, also twice", async () => {
  await using test = await rig();
  const client = await test.connect();
  const running = exec(client, "sleep 60", (channel) => void channel.resume());
  await eventually(() => test.servers.argvs.length > 0);
  await test.servers.close();
  await test.servers.close();
  assert.deepEqual((await running).exit, []);
  await assert.rejects(test.connect(), /ECONNREFUSED|closed/);
});
