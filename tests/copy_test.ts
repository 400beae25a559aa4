import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { packTar, type TarHeader } from "modern-tar";
import { runCli } from "../lib/cli/run.ts";
import { connect } from "../lib/connect/connect.ts";
import { pull } from "../lib/lifecycle/copy.ts";
import { type Lab, startLab } from "./support/simulator.ts";
import { until } from "./support/until.ts";

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
      /no such folder: \/none\nhint: make it first: pxrun exec 100 -- mkdir -p \/none\n/,
    ],
    [push(`${folder}/d`, "/root/f"), 1, /is no folder: \/root\/f/],
    [push(`${folder}/d`, "/root", "--owner", "nobodyatall"), 1, /nobodyatall/],
    [push(`${folder}/a`, "root"), 2, /not an absolute path: root/],
    [push(`${folder}/a`, "/none/a"), 1, /no such folder: \/none/],
    [push(`${folder}/a`, "/none/"), 1, /no such folder: \/none\//],
    [push(`${folder}/a`, "/root/d"), 1, /is a folder: \/root\/d\/a/],
    [push("-", "/root"), 1, /is a folder: \/root\nhint: name the file/],
    [push(`${folder}/a`, "/root", "--mode", "rw"), 2, /"rw" is not a mode/],
    [push(`${folder}/a`, "/root", "--owner", "-R"), 2, /"-R" is not an owner/],
    [push(`${folder}/a`, "/root/x", "--owner", "nobodyatall"), 1, /nobodyatall/],
    [["push", "nobody", `${folder}/a`, "/root"], 3, /no container nobody/],
    [pull("etc/hosts", `${folder}/x`), 2, /not an absolute path: etc\/hosts\nhint: /],
    [pull("etc/hosts", "-"), 2, /not an absolute path: etc\/hosts/],
    [pull("/none", `${folder}/x`), 1, /no such file: \/none/],
    [pull("/etc", "-"), 1, /is a folder\nhint: .*pxrun exec web-1 -- tar c -C \/etc \./],
    [pull("/etc", `${folder}/x`, "--mode", "0600"), 2, /is a folder: --mode is for a single file/],
    [pull("/etc", `${folder}/a`), 1, /cannot write .*\/a: it is there, and no folder/],
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
      /cannot write .*y\/: there is no such folder\nhint: make it first/,
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

const long = `${"d".repeat(90)}/${"e".repeat(120)}/${"ü".repeat(100)}`;

/** What is below a folder: each path with its kind, mode and content. */
async function listing(folder: string, path = ""): Promise<string[]> {
  const at = folder + path;
  const { isDirectory, isSymlink, mode } = await Deno.lstat(at);
  const name = `${path || "."} ${isSymlink ? "" : ((mode ?? 0) & 0o7777).toString(8)}`;
  if (isSymlink) return [`${name}-> ${await Deno.readLink(at)}`];
  if (!isDirectory) return [`${name} ${(await Deno.readTextFile(at)).slice(0, 20)}`];
  const names = (await Array.fromAsync(Deno.readDir(at), ({ name }) => name)).sort();
  return [
    name,
    ...(await Promise.all(names.map((one) => listing(folder, `${path}/${one}`)))).flat(),
  ];
}

/** A folder with all that folders have. */
async function makeSite(site: string): Promise<void> {
  await Deno.mkdir(`${site}/empty`, { recursive: true });
  await Deno.mkdir(`${site}/${long}`, { recursive: true });
  await Deno.writeTextFile(`${site}/${long}/${"f".repeat(200)}`, "deep\n");
  await Deno.writeTextFile(`${site}/${hostile}`, "odd\n");
  await Deno.writeTextFile(`${site}/.hidden`, "");
  await Deno.writeTextFile(`${site}/..dots`, "x".repeat(100_000));
  await Deno.symlink(".hidden", `${site}/link`);
  await Deno.symlink(`/${"g".repeat(150)}`, `${site}/nowhere`);
  await Deno.chmod(`${site}/.hidden`, 0o600);
  await Deno.chmod(`${site}/${hostile}`, 0o755);
  await Deno.chmod(`${site}/empty`, 0o500);
  await Deno.chmod(site, 0o750);
}

Deno.test("push and pull carry a folder there and back, with modes, links and names", async () => {
  await using scene = await openScene();
  const { folder } = scene;
  await makeSite(`${folder}/site`);
  await succeed(scene, "push", "web-1", `${folder}/site`, "/srv", "--owner", "nobody:nogroup");
  assert.equal(
    await inside(
      scene,
      "cd /srv/site; stat -c '%a %U:%G' . .hidden; readlink link nowhere; ls -A /srv",
    ),
    `750 nobody:nogroup\n600 nobody:nogroup\n.hidden\n/${"g".repeat(150)}\nsite\n`,
  );
  // A program of another's may not become one that runs as this user.
  await inside(scene, "chmod 4644 /srv/site/..dots; chmod 2750 /srv/site");
  await succeed(scene, "pull", "web-1", "/srv/site/", `${folder}/back`);
  assert.deepEqual(await listing(`${folder}/back`), await listing(`${folder}/site`));
  const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assert.deepEqual(left.sort(), ["back", "site"]);
});

Deno.test("push and pull put a folder where cp -r would, and keep what is there", async () => {
  await using scene = await openScene();
  const { folder } = scene;
  await Deno.mkdir(`${folder}/a/sub`, { recursive: true });
  await Deno.writeTextFile(`${folder}/a/sub/f`, "new\n");
  await Deno.writeTextFile(`${folder}/a/g`, "g\n");
  const show = "find . -type f | sort | while read -r f; do echo $f $(cat $f); done";
  const pushed = async (source: string, target: string, before: string): Promise<string> => {
    await inside(scene, `rm -rf /root/t; mkdir /root/t; cd /root/t; ${before}`);
    await succeed(scene, "push", "web-1", `${folder}/${source}`, target);
    return await inside(scene, `cd /root/t; ls -A | grep pxrun; ${show}`);
  };
  assert.equal(await pushed("a", "/root/t", ":"), "./a/g g\n./a/sub/f new\n");
  assert.equal(await pushed("a/", "/root/t/b/", ":"), "./b/g g\n./b/sub/f new\n");
  assert.equal(await pushed("a/.", "/root/t", ":"), "./g g\n./sub/f new\n");
  const there =
    "mkdir -p a/sub; echo old >a/sub/f; echo k >a/sub/k; chmod 700 a/sub; ln -s /etc/passwd a/g";
  assert.equal(await pushed("a", "/root/t", there), "./a/g g\n./a/sub/f new\n./a/sub/k k\n");
  assert.equal(
    await inside(scene, "stat -c %a /root/t/a/sub; wc -c </etc/passwd | grep -c ..."),
    "700\n1\n",
  );
  const linked = "mkdir real; ln -s real sub; echo k >real/k";
  assert.equal(await pushed("a/.", "/root/t", linked), "./g g\n./real/f new\n./real/k k\n");

  const pulled = async (source: string, target: string): Promise<string[]> => {
    await Deno.mkdir(`${folder}/t/u/sub`, { recursive: true });
    await Deno.writeTextFile(`${folder}/t/u/sub/f`, "old\n");
    await Deno.writeTextFile(`${folder}/t/u/sub/k`, "k\n");
    await Deno.chmod(`${folder}/t/u/sub`, 0o700);
    await succeed(scene, "pull", "web-1", source, `${folder}/t/${target}`);
    const found = await listing(`${folder}/t`);
    await Deno.remove(`${folder}/t`, { recursive: true });
    return found.filter((line) => /\/[a-z] 6/.test(line)).map((line) => line.trim());
  };
  await inside(
    scene,
    "mkdir -p /srv/u; cp -r /root/t/. /srv/u; rm /srv/u/sub; mv /srv/u/real /srv/u/sub",
  );
  const old = ["/u/sub/f 644 old", "/u/sub/k 644 k"];
  assert.deepEqual(await pulled("/srv/u", "."), [
    "/u/g 644 g",
    "/u/sub/f 644 new",
    "/u/sub/k 644 k",
  ]);
  assert.deepEqual(await pulled("/srv/u", "v"), [
    ...old,
    "/v/g 644 g",
    "/v/sub/f 644 new",
    "/v/sub/k 644 k",
  ]);
  assert.deepEqual(await pulled("/srv/u/sub/.", "u"), ["/u/f 644 new", "/u/k 644 k", ...old]);
});

Deno.test("push does not go through a link to where a folder is, and takes nothing from behind it", async () => {
  await using scene = await openScene();
  const { folder, lab } = scene;
  await inside(scene, "mkdir -p /srv/site/d /srv/behind; echo x >/srv/behind/file");
  await Deno.mkdir(`${folder}/site`);
  await Deno.symlink("/srv/behind", `${folder}/site/d`);
  const { status, stderr } = await lab.run(["push", "web-1", `${folder}/site/.`, "/srv/site"]);
  assert.equal(status, 1, stderr);
  assert.equal(await inside(scene, "ls -A /srv/behind"), "file\n");
  assert.equal(await inside(scene, "ls -A /srv/site/d"), "");
});

Deno.test("a folder that does not come whole leaves nothing on either side", async () => {
  await using scene = await openScene();
  const { folder, lab } = scene;
  await makeSite(`${folder}/site`);
  const undo = lab.simulator.ssh.inject({ name: "drop-exec", at: 1 });
  assert.equal((await lab.run(["pull", "web-1", "/etc", `${folder}/etc`])).status, 5);
  undo();
  await Deno.writeTextFile(`${folder}/site/secret`, "");
  await Deno.chmod(`${folder}/site/secret`, 0);
  const left = (): Promise<string[]> => Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assert.deepEqual(await left(), ["site"]);

  const world = lab.world();
  const { fileStreams } = world;
  const cut = {
    ...world,
    fileStreams: {
      ...fileStreams,
      draftFolder(path: string): ReturnType<typeof fileStreams.draftFolder> {
        const draft = fileStreams.draftFolder(path);
        return {
          ...draft,
          file(names, mode) {
            draft.file(names, mode);
            world.interrupt();
          },
        };
      },
    },
  };
  assert.equal(await runCli(["pull", "web-1", "/etc", `${folder}/etc`], cut), 130);
  assert.deepEqual(await left(), ["site"]);

  const stuck = {
    ...world,
    fileStreams: {
      ...fileStreams,
      async *entries(path: string): ReturnType<typeof fileStreams.entries> {
        for await (const entry of fileStreams.entries(path)) {
          yield entry;
          if (entry.kind !== "file") continue;
          world.interrupt();
          await new Promise(() => {});
        }
      },
    },
  };
  assert.equal(await runCli(["push", "web-1", `${folder}/site`, "/srv/site"], stuck), 130);
  assert.equal(await inside(scene, "ls -A /srv"), "");
});

Deno.test("push that is interrupted inside a file closes the file", async () => {
  await using scene = await openScene();
  const { folder, lab } = scene;
  await Deno.mkdir(`${folder}/site`);
  await Deno.writeFile(`${folder}/site/large`, new Uint8Array(12_000_000));
  const world = lab.world();
  let [open, opened] = [0, 0];
  const { fileStreams } = world;
  const cut = {
    ...world,
    fileStreams: {
      ...fileStreams,
      async *entries(path: string): ReturnType<typeof fileStreams.entries> {
        for await (const entry of fileStreams.entries(path)) {
          yield {
            ...entry,
            async *open() {
              open++;
              opened++;
              try {
                for await (const chunk of entry.open()) {
                  yield chunk;
                  world.interrupt();
                }
              } finally {
                open--;
              }
            },
          };
        }
      },
    },
  };
  assert.equal(await runCli(["push", "web-1", `${folder}/site`, "/srv/site"], cut), 130);
  await until("the file is closed", () => open === 0);
  assert.equal(opened, 1);
});

Deno.test("pull writes nothing outside of its folder, whatever a container's tar sends", async () => {
  await using scene = await openScene();
  const { folder, lab } = scene;
  await inside(
    scene,
    "printf '#!/bin/sh\ncat /root/evil.tar\n' >/usr/local/bin/tar; chmod +x /usr/local/bin/tar",
  );
  const top: TarHeader = { name: "./", type: "directory", size: 0 };
  const to = `${folder}/in`;
  const evils: readonly (readonly TarHeader[])[] = [
    [{ name: "../out", size: 1 }],
    [{ name: "./a/../../out", size: 1 }],
    [{ name: `${folder}/out`, size: 1 }],
    [{ name: "..", type: "symlink", size: 0, linkname: folder }],
    [{ name: "./l", type: "symlink", size: 0, linkname: folder }, { name: "./l/out", size: 1 }],
    [{ name: "./l", type: "symlink", size: 0, linkname: `${folder}/out` }, {
      name: "./l",
      size: 1,
    }],
    [{ name: "./l", type: "link", size: 0, linkname: "../secret" }],
    [{ name: "./l", type: "link", size: 0, linkname: `${folder}/secret` }],
    [{ name: "./d", type: "symlink", size: 0, linkname: folder }, {
      name: "./d/",
      type: "directory",
      size: 0,
    }],
  ];
  await Deno.writeTextFile(`${folder}/secret`, "s");
  for (const entries of evils) {
    const archive = await packTar([top, ...entries].map((header) => ({
      header,
      ...(header.size > 0 && { body: "x" }),
    })));
    await Deno.writeFile(`${folder}/evil.tar`, archive);
    await succeed(scene, "push", "web-1", `${folder}/evil.tar`, "/root");
    await Deno.remove(`${folder}/evil.tar`);
    const { status, stderr } = await lab.run(["pull", "web-1", "/srv", to]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /cannot write .*\/in: /);
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assert.deepEqual(left, ["secret"], JSON.stringify(entries));
  }
  await inside(scene, "rm /usr/local/bin/tar; ln -s /home/me /srv/d; mkdir /srv/s");
  await succeed(scene, "pull", "web-1", "/srv", to);
  await inside(scene, "rm /srv/d; mkdir /srv/d; echo x >/srv/d/out");
  const { status, stderr } = await lab.run(["pull", "web-1", "/srv/.", to]);
  assert.equal(status, 1);
  assert.match(stderr, /\/in\/d is no folder there; part of it is there/);
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
