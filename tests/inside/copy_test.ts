import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { runCli } from "../../lib/cli/app/run.ts";
import { connect } from "../../lib/cluster/connect.ts";
import { pull } from "../../lib/operations/copy/pull.ts";
import { hostile, inside, openScene, succeed } from "../support/copy_scene.ts";
import { until } from "../support/until.ts";

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o7777;
}

Deno.test("push and pull carry a file there and back, byte for byte, with its mode", async () => {
  await using scene = await openScene();
  const { directory } = scene;
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await Deno.writeFile(`${directory}/${hostile}`, bytes, { mode: 0o640 });
  await Deno.chmod(`${directory}/${hostile}`, 0o640);
  await succeed(scene, "push", "web-1", `${directory}/${hostile}`, "/root");
  assert.equal(await inside(scene, "stat -c '%a %U:%G' /root/-a*"), "640 root:root\n");
  await Deno.mkdir(`${directory}/back`);
  await succeed(scene, "pull", "web-1", `/root/${hostile}`, `${directory}/back`);
  assert.deepEqual(await Deno.readFile(`${directory}/back/${hostile}`), bytes);
  assert.equal(await modeOf(`${directory}/back/${hostile}`), 0o640);
});

Deno.test("push streams 20 MB from standard input, pull to standard output", async () => {
  await using scene = await openScene();
  const sent = createHash("sha256");
  const received = createHash("sha256");
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 320; i++) {
      const chunk = crypto.getRandomValues(new Uint8Array(65_536));
      sent.update(chunk);
      yield chunk;
      await Promise.resolve();
    }
  }
  const pushed = await scene.lab.run(["push", "web-1", "-", "/root/big"], { stdin: source() });
  assert.equal(pushed.status, 0, pushed.stderr);
  const pulled = await scene.lab.run(["pull", "web-1", "/root/big", "-"], {
    onBytes: (_, bytes) => {
      received.update(bytes);
      return true;
    },
  });
  assert.equal(pulled.status, 0, pulled.stderr);
  assert.equal(received.digest("hex"), sent.digest("hex"));
});

Deno.test("push gives a file its mode before anything is in it", async () => {
  await using scene = await openScene();
  const { lab } = scene;
  let mode = "";
  async function* secret(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode("hunter2");
    const guest = lab.simulator.cluster.cts.get(100)?.guest;
    await until("the first of it", async () => (await guest?.read("/root/key"))?.length === 7);
    mode = await inside(scene, "stat -c %a /root/key");
  }
  const args = ["push", "web-1", "-", "/root/key", "--mode", "0600"];
  const { status, stderr } = await lab.run(args, { stdin: secret() });
  assert.equal(status, 0, stderr);
  assert.equal(mode, "600\n");
});

Deno.test("push does with what is there as cp does", async () => {
  await using scene = await openScene();
  const { directory } = scene;
  await Deno.writeTextFile(`${directory}/a`, "new\n");
  await inside(
    scene,
    "mkdir /root/d; echo old >/root/old; chmod 600 /root/old; chown 7:8 /root/old; ln -s old /root/link",
  );
  const pushed = await scene.lab.run(["push", "web-1", "-", "/root/link"], { stdin: "in\n" });
  assert.equal(pushed.status, 0, pushed.stderr);
  assert.equal(
    await inside(scene, "cat /root/old; stat -c '%a %u:%g' /root/old; readlink /root/link"),
    "in\n600 7:8\nold\n",
  );
  const owned = ["--mode", "4750", "--owner", "nobody:nogroup"];
  await succeed(scene, "push", "web-1", `${directory}/a`, "/root/d/", ...owned);
  assert.equal(
    await inside(scene, "cat /root/d/a; stat -c '%a %U:%G' /root/d/a"),
    "new\n4750 nobody:nogroup\n",
  );
});

Deno.test("push and pull say why they cannot, and change nothing", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  await Deno.writeTextFile(`${directory}/a`, "a");
  await Deno.mkdir(`${directory}/d`);
  await Deno.mkdir(`${directory}/e/passwd`, { recursive: true });
  await inside(scene, "mkdir -p /root/d/a; echo f >/root/f");
  const push = (...args: string[]): string[] => ["push", "web-1", ...args];
  const pull = (...args: string[]): string[] => ["pull", "web-1", ...args];
  const cases: readonly (readonly [args: string[], status: number, message: RegExp])[] = [
    [push(`${directory}/none`, "/root"), 3, /not found/],
    [
      push(`${directory}/d`, "/root", "--mode", "0644"),
      2,
      /is a directory: --mode is for a single file/,
    ],
    [push(`${directory}/d`, "root"), 2, /not an absolute path: root\nhint: a path .* with \//],
    [
      push(`${directory}/d`, "/none/d"),
      1,
      /no such directory: \/none\nhint: make it first: pxrun exec 100 -- mkdir -p \/none\n/,
    ],
    [push(`${directory}/d`, "/root/f"), 1, /is not a directory: \/root\/f/],
    [push(`${directory}/d`, "/root", "--owner", "nobodyatall"), 1, /nobodyatall/],
    [push(`${directory}/a`, "root"), 2, /not an absolute path: root/],
    [push(`${directory}/a`, "/none/a"), 1, /no such directory: \/none/],
    [push(`${directory}/a`, "/none/"), 1, /no such directory: \/none\//],
    [push(`${directory}/a`, "/root/d"), 1, /is a directory: \/root\/d\/a/],
    [push("-", "/root"), 1, /is a directory: \/root\nhint: name the file/],
    [push(`${directory}/a`, "/root", "--mode", "rw"), 2, /"rw" is not a mode/],
    [push(`${directory}/a`, "/root", "--owner", "-R"), 2, /"-R" is not an owner/],
    [push(`${directory}/a`, "/root/x", "--owner", "nobodyatall"), 1, /nobodyatall/],
    [["push", "nobody", `${directory}/a`, "/root"], 3, /container nobody not found/],
    [pull("etc/hosts", `${directory}/x`), 2, /not an absolute path: etc\/hosts\nhint: /],
    [pull("etc/hosts", "-"), 2, /not an absolute path: etc\/hosts/],
    [pull("/none", `${directory}/x`), 1, /no such file: \/none/],
    [pull("/etc", "-"), 1, /is a directory\nhint: .*pxrun exec web-1 -- tar c -C \/etc \./],
    [
      pull("/etc", `${directory}/x`, "--mode", "0600"),
      2,
      /is a directory: --mode is for a single file/,
    ],
    [pull("/etc", `${directory}/a`), 1, /cannot write .*\/a: it exists, and is not a directory/],
    [pull("/etc", `${directory}/none/x`), 1, /cannot write/],
    [pull("/etc", `${directory}/a/x`), 1, /cannot write/],
    [
      pull("/etc/passwd", `${directory}/e`),
      1,
      /cannot write .*\/e\/passwd: it is a directory\nhint: /,
    ],
    [
      pull("/etc/passwd", `${directory}/none/x`),
      1,
      /cannot write .*x: No such file or directory\n/,
    ],
    [
      pull("/etc/passwd", `${directory}/y/`),
      1,
      /cannot write .*y\/: there is no such directory\nhint: make it first/,
    ],
    [pull("/etc/passwd", "/dev/null"), 1, /\/dev\/null: it is there, but no file/],
    [pull("/etc/passwd", ""), 2, /is empty/],
    [push("", "/root"), 2, /is empty/],
  ];
  for (const [args, status, message] of cases) {
    const ran = await lab.run(args);
    assert.match(ran.stderr, message);
    assert.equal(ran.status, status, ran.stderr);
  }
  const left = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  assert.deepEqual(left.toSorted(), ["a", "d", "e"]);
  assert.equal(
    await inside(scene, "ls -d /root/.pxrun* 2>/dev/null; ls /root; cat /root/f"),
    "d\nf\nf\n",
  );
});

Deno.test("pull replaces a file only once all of it is there, and never gives it special bits", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  const target = `${directory}/x`;
  await Deno.writeTextFile(target, "old");
  await inside(scene, "echo new >/root/x; chmod 4755 /root/x");
  const undo = lab.simulator.ssh.inject({ name: "drop-exec", at: 1 });
  assert.equal((await lab.run(["pull", "web-1", "/root/x", target])).status, 5);
  undo();
  assert.equal(await Deno.readTextFile(target), "old");
  await succeed(scene, "pull", "web-1", "/root/x", target);
  assert.equal(await Deno.readTextFile(target), "new\n");
  assert.equal(await modeOf(target), 0o755);
});

Deno.test("push and pull show on a terminal how far they are, and one line at the end", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  await Deno.writeTextFile(`${directory}/big`, "x".repeat(300_000));
  const copy = async (args: readonly string[], isTerminal: boolean): Promise<string> => {
    const platform = lab.platform();
    const terminal = { ...platform.terminal, stderrIsTerminal: isTerminal };
    assert.equal(await runCli(args, { ...platform, terminal }), 0);
    return platform.stderr();
  };
  const push = ["push", "web-1", `${directory}/big`, "/root"];
  assert.match(await copy(push, true), /^293 KiB in .* s → web-1:\/root\n$/);
  for (const quiet of [["--json"], ["--events"]]) {
    assert.equal(await copy([...push, ...quiet], true), "");
  }
  assert.equal(await copy(push, false), "");
  const pull = ["pull", "web-1", "/root/big", `${directory}/back`];
  assert.match(await copy(pull, true), /^293 KiB in .* s → .*\/back\n$/);
  assert.equal(await Deno.readTextFile(`${directory}/back`), "x".repeat(300_000));
  const whole = ["pull", "web-1", "/root", `${directory}/all`];
  assert.match(await copy(whole, true), / in .* s → .*\/all\n$/);
});

Deno.test("pull() is told the size of a file before its content", async () => {
  await using scene = await openScene();
  await inside(scene, "printf %01000d 0 >/root/x");
  await using cluster = await connect(scene.lab.platform());
  const seen: string[] = [];
  await pull(cluster, "web-1", "/root/x", {
    onSize: (bytes) => seen.push(`size ${bytes}`),
    onChunk: (chunk) => seen.push(`chunk ${chunk.length}`),
  });
  assert.deepEqual(seen, ["size 1000", "chunk 1000"]);
});
