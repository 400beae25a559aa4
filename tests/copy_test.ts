import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { runCli } from "../lib/cli/app/run.ts";
import { connect } from "../lib/cluster/connect.ts";
import { pull } from "../lib/operations/copy/pull.ts";
import { hostile, inside, openScene, succeed } from "./support/copy_scene.ts";
import { until } from "./support/until.ts";

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o7777;
}

Deno.test("push and pull carry a file there and back, byte for byte, with its mode", async () => {
  await using scene = await openScene();
  const { folder } = scene;
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await Deno.writeFile(`${folder}/${hostile}`, bytes, { mode: 0o640 });
  await Deno.chmod(`${folder}/${hostile}`, 0o640);
  await succeed(scene, "push", "web-1", `${folder}/${hostile}`, "/root");
  assert.equal(await inside(scene, "stat -c '%a %U:%G' /root/-a*"), "640 root:root\n");
  await Deno.mkdir(`${folder}/back`);
  await succeed(scene, "pull", "web-1", `/root/${hostile}`, `${folder}/back`);
  assert.deepEqual(await Deno.readFile(`${folder}/back/${hostile}`), bytes);
  assert.equal(await modeOf(`${folder}/back/${hostile}`), 0o640);
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
  const { folder } = scene;
  await Deno.writeTextFile(`${folder}/a`, "new\n");
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
  await succeed(scene, "push", "web-1", `${folder}/a`, "/root/d/", ...owned);
  assert.equal(
    await inside(scene, "cat /root/d/a; stat -c '%a %U:%G' /root/d/a"),
    "new\n4750 nobody:nogroup\n",
  );
});

Deno.test("push and pull say why they cannot, and change nothing", async () => {
  await using scene = await openScene();
  const { folder, lab } = scene;
  await Deno.writeTextFile(`${folder}/a`, "a");
  await Deno.mkdir(`${folder}/d`);
  await Deno.mkdir(`${folder}/e/passwd`, { recursive: true });
  await inside(scene, "mkdir -p /root/d/a; echo f >/root/f");
  const push = (...args: string[]): string[] => ["push", "web-1", ...args];
  const pull = (...args: string[]): string[] => ["pull", "web-1", ...args];
  const cases: readonly (readonly [args: string[], status: number, message: RegExp])[] = [
    [push(`${folder}/none`, "/root"), 3, /not found/],
    [
      push(`${folder}/d`, "/root", "--mode", "0644"),
      2,
      /is a directory: --mode is for a single file/,
    ],
    [push(`${folder}/d`, "root"), 2, /not an absolute path: root\nhint: a path .* with \//],
    [
      push(`${folder}/d`, "/none/d"),
      1,
      /no such directory: \/none\nhint: make it first: pxrun exec 100 -- mkdir -p \/none\n/,
    ],
    [push(`${folder}/d`, "/root/f"), 1, /is not a directory: \/root\/f/],
    [push(`${folder}/d`, "/root", "--owner", "nobodyatall"), 1, /nobodyatall/],
    [push(`${folder}/a`, "root"), 2, /not an absolute path: root/],
    [push(`${folder}/a`, "/none/a"), 1, /no such directory: \/none/],
    [push(`${folder}/a`, "/none/"), 1, /no such directory: \/none\//],
    [push(`${folder}/a`, "/root/d"), 1, /is a directory: \/root\/d\/a/],
    [push("-", "/root"), 1, /is a directory: \/root\nhint: name the file/],
    [push(`${folder}/a`, "/root", "--mode", "rw"), 2, /"rw" is not a mode/],
    [push(`${folder}/a`, "/root", "--owner", "-R"), 2, /"-R" is not an owner/],
    [push(`${folder}/a`, "/root/x", "--owner", "nobodyatall"), 1, /nobodyatall/],
    [["push", "nobody", `${folder}/a`, "/root"], 3, /no container nobody/],
    [pull("etc/hosts", `${folder}/x`), 2, /not an absolute path: etc\/hosts\nhint: /],
    [pull("etc/hosts", "-"), 2, /not an absolute path: etc\/hosts/],
    [pull("/none", `${folder}/x`), 1, /no such file: \/none/],
    [pull("/etc", "-"), 1, /is a directory\nhint: .*pxrun exec web-1 -- tar c -C \/etc \./],
    [
      pull("/etc", `${folder}/x`, "--mode", "0600"),
      2,
      /is a directory: --mode is for a single file/,
    ],
    [pull("/etc", `${folder}/a`), 1, /cannot write .*\/a: it exists, and is not a directory/],
    [pull("/etc", `${folder}/none/x`), 1, /cannot write/],
    [pull("/etc", `${folder}/a/x`), 1, /cannot write/],
    [
      pull("/etc/passwd", `${folder}/e`),
      1,
      /cannot write .*\/e\/passwd: it is a directory\nhint: /,
    ],
    [pull("/etc/passwd", `${folder}/none/x`), 1, /cannot write .*x: No such file or directory\n/],
    [
      pull("/etc/passwd", `${folder}/y/`),
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
  const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assert.deepEqual(left.toSorted(), ["a", "d", "e"]);
  assert.equal(
    await inside(scene, "ls -d /root/.pxrun* 2>/dev/null; ls /root; cat /root/f"),
    "d\nf\nf\n",
  );
});

Deno.test("pull replaces a file only once all of it is there, and never gives it special bits", async () => {
  await using scene = await openScene();
  const { folder, lab } = scene;
  const target = `${folder}/x`;
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
  const { folder, lab } = scene;
  await Deno.writeTextFile(`${folder}/big`, "x".repeat(300_000));
  const copy = async (args: readonly string[], isTerminal: boolean): Promise<string> => {
    const world = lab.world();
    const terminal = { ...world.terminal, stderrIsTerminal: isTerminal };
    assert.equal(await runCli(args, { ...world, terminal }), 0);
    return world.stderr();
  };
  const push = ["push", "web-1", `${folder}/big`, "/root"];
  assert.match(await copy(push, true), /^293 KiB in .* s → web-1:\/root\n$/);
  for (const quiet of [["--json"], ["--events"]]) {
    assert.equal(await copy([...push, ...quiet], true), "");
  }
  assert.equal(await copy(push, false), "");
  const pull = ["pull", "web-1", "/root/big", `${folder}/back`];
  assert.match(await copy(pull, true), /^293 KiB in .* s → .*\/back\n$/);
  assert.equal(await Deno.readTextFile(`${folder}/back`), "x".repeat(300_000));
  const directory = ["pull", "web-1", "/root", `${folder}/all`];
  assert.match(await copy(directory, true), / in .* s → .*\/all\n$/);
});

Deno.test("pull() is told the size of a file before its content", async () => {
  await using scene = await openScene();
  await inside(scene, "printf %01000d 0 >/root/x");
  await using cluster = await connect(scene.lab.world());
  const seen: string[] = [];
  await pull(cluster, "web-1", "/root/x", {
    onSize: (bytes) => seen.push(`size ${bytes}`),
    onChunk: (chunk) => seen.push(`chunk ${chunk.length}`),
  });
  assert.deepEqual(seen, ["size 1000", "chunk 1000"]);
});
