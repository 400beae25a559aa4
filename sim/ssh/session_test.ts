import assert from "node:assert/strict";
import type { ClientChannel } from "../../deps/ssh2.ts";
import { eventually } from "../tests/unix.ts";
import { startContainer } from "../tests/node.ts";
import { exec, rig } from "../tests/ssh.ts";

Deno.test("startSshServers() refuses the eleventh session of a connection", async () => {
  await using test = await rig();
  const client = await test.connect();
  const open: ClientChannel[] = [];
  const running = Array.from(
    { length: 10 },
    () => exec(client, "cat", (channel) => open.push(channel)),
  );
  await eventually(() => open.length === 10);
  await assert.rejects(exec(client, "true"), /Channel open failure/);
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
  const command = "pct exec 105 -- sleep 62";
  const running = exec(client, command, (channel) => {
    void eventually(() => test.cluster.cts.get(105)?.guest?.argvs.length === 1).then(() =>
      channel.close()
    );
  });
  await running;
  await eventually(async () => !/ pct exec/.test((await exec(client, "ps ax")).out));
  assert.match((await exec(client, "pct exec 105 -- ps ax")).out, / sleep 62\n/);
});

Deno.test("a lost connection ends what ran on the node", async () => {
  await using test = await rig();
  const client = await test.connect();
  let open = false;
  const running = exec(client, "sleep 63", (channel) => {
    open = true;
    channel.resume();
  });
  await eventually(() => open && test.servers.argvs.some(({ argv }) => argv[0] === "sleep"));
  client.destroy();
  await running;
  const other = await test.connect();
  await eventually(async () => !/ sleep/.test((await exec(other, "ps ax")).out));
});

Deno.test("a lost connection is the end of the input of what runs in a container", async () => {
  await using test = await rig();
  await startContainer(test.cluster, 105);
  const client = await test.connect();
  const command = "lxc-attach -n 105 --clear-env -- sh -c 'cat >/root/part; echo done >/root/done'";
  const running = exec(client, command, (channel) => void channel.write("part"));
  const guest = test.cluster.cts.get(105)?.guest;
  await eventually(async () => (await guest?.read("/root/part"))?.length === 4);
  client.destroy();
  await running;
  await eventually(async () => await guest?.read("/root/done") !== undefined);
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
  assert.equal(tty, "/dev/pts/0\r\nout\r\n");
  const signalled = await exec(client, "read l; echo got $l", (channel) => {
    channel.signal("KILL");
    channel.end("line\n");
  });
  assert.equal(signalled.out, "got line\n");
});

Deno.test("startSshServers() lets somebody type in a terminal", async () => {
  await using test = await rig();
  await startContainer(test.cluster, 105);
  const client = await test.connect();
  let screen = "";
  const shows = (text: string) => eventually(() => screen.includes(text));
  await new Promise<void>((resolve, reject) =>
    client.exec("pct enter 105", { pty: true }, (error, channel) => {
      if (error) return reject(error);
      channel.on("data", (chunk: Uint8Array) => screen += new TextDecoder().decode(chunk));
      channel.on("close", () => resolve());
      void (async () => {
        await shows("root@web:~# ");
        channel.write("echo hix\x7f\x1b[A; cd /srv\r");
        await shows("root@web:/srv# ");
        channel.write("junk\x03");
        await shows("junk^C");
        channel.write("a=(1)\rpwd\r");
        await shows("\n/srv\r");
        channel.write("\x04");
      })().catch(reject);
    })
  );
  const begin = "root@web:~# echo hix\b \b; cd /srv\r\nhi\r\nroot@web:/srv# ";
  const plain = screen.replaceAll(/\r+\n/g, "\r\n");
  assert.equal(plain.slice(0, begin.length), begin);
  assert.match(screen, /not in the simulated container: a=/);
});

Deno.test("startSshServers() answers keepalives", async () => {
  await using test = await rig();
  // As many go unanswered as a busy machine may have on the way.
  const client = await test.connect({ keepaliveInterval: 5, keepaliveCountMax: 100 });
  assert.deepEqual((await exec(client, "sleep 1")).exit, [0]);
});
