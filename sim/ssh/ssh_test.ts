import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { utils } from "../../deps/ssh2.ts";
import { eventually } from "../tests/unix.ts";
import { startContainer } from "../tests/node.ts";
import { exec, rig } from "../tests/ssh.ts";

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
  await assert.rejects(forward(22), /Channel open failure/);
  await new Promise<void>((resolve) => api.close(() => resolve()));
  await assert.rejects(forward(8006), /Channel open failure/);
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
    /Channel open failure/,
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

Deno.test("startSshServers() keeps nothing of a packet whose other half never comes", async () => {
  await using test = await rig();
  const { host = "", port = 0 } = test.servers.nodes["pve01"] ?? {};
  const socket = connect(port, host);
  const client = await test.connect({ sock: socket });
  const closed = new Promise<void>((resolve) => client.on("close", () => resolve()));
  const write = socket.write.bind(socket);
  socket.write = (bytes: Uint8Array | string) => {
    socket.write = () => true;
    write(typeof bytes === "string" ? bytes : bytes.subarray(0, 10));
    socket.end();
    return true;
  };
  client.exec("true", () => {});
  await closed;
});
