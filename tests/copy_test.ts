import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Lab, startLab } from "./support/simulator.ts";

interface Scene extends AsyncDisposable {
  readonly lab: Lab;
  /** An empty folder of this machine. */
  readonly folder: string;
}

/** A lab with one running container, web-1. */
async function openScene(): Promise<Scene> {
  const lab = await startLab();
  const args = ["create", "--hostname", "web-1", "--template", "debian-13", "--node", "pve01"];
  const { status, stderr } = await lab.run([...args, "--yes"]);
  assert.equal(status, 0, stderr);
  const folder = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
  return {
    lab,
    folder,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
      await lab[Symbol.asyncDispose]();
    },
  };
}

async function inside({ lab }: Scene, script: string): Promise<string> {
  const { stdout } = await lab.run(["exec", "web-1", "--", "sh", "-c", script]);
  return stdout;
}

async function succeed({ lab }: Scene, ...args: string[]): Promise<void> {
  const { status, stderr } = await lab.run(args);
  assert.deepEqual([status, stderr], [0, ""]);
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o7777;
}

const hostile = "-a 'b' \"c\" $(id) ü\n*.txt";

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
  await inside(scene, "mkdir -p /root/d/a");
  const push = (...args: string[]): string[] => ["push", "web-1", ...args];
  const pull = (...args: string[]): string[] => ["pull", "web-1", ...args];
  const cases: readonly (readonly [args: string[], status: number, message: RegExp])[] = [
    [push(`${folder}/none`, "/root"), 2, /there is no file/],
    [push(`${folder}/d`, "/root"), 2, /is a folder[^\n]*\nhint: tar c -C/],
    [push(`${folder}/a`, "root"), 1, /not an absolute path: root/],
    [push(`${folder}/a`, "/none/a"), 1, /no such folder: \/none/],
    [push(`${folder}/a`, "/none/"), 1, /no such folder: \/none\//],
    [push(`${folder}/a`, "/root/d"), 1, /is a folder: \/root\/d\/a/],
    [push("-", "/root"), 1, /is a folder: \/root/],
    [push(`${folder}/a`, "/root", "--mode", "rw"), 2, /"rw" is not a mode/],
    [push(`${folder}/a`, "/root", "--owner", "-R"), 2, /"-R" is not an owner/],
    [push(`${folder}/a`, "/root/x", "--owner", "nobodyatall"), 1, /nobodyatall/],
    [["push", "nobody", `${folder}/a`, "/root"], 3, /no container nobody/],
    [pull("/none", `${folder}/x`), 1, /no such file: \/none/],
    [pull("/etc", `${folder}/x`), 1, /is a folder: \/etc/],
    [pull("/etc/passwd", `${folder}/none/x`), 1, /cannot write/],
  ];
  for (const [args, status, message] of cases) {
    const ran = await lab.run(args);
    assert.match(ran.stderr, message);
    assert.equal(ran.status, status, ran.stderr);
  }
  const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assert.deepEqual(left.toSorted(), ["a", "d"]);
  assert.equal(await inside(scene, "ls /root"), "d\n");
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
