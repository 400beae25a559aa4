import assert from "node:assert/strict";
import { packTar, type TarHeader } from "../../deps/modern_tar.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { hostile, inside, openScene, succeed } from "../support/copy_scene.ts";
import { until } from "../support/until.ts";

const long = `${"d".repeat(90)}/${"e".repeat(120)}/${"ü".repeat(100)}`;

/** What is below a directory: each path with its kind, mode and content. */
async function listing(directory: string, path = ""): Promise<string[]> {
  const at = directory + path;
  const { isDirectory, isSymlink, mode } = await Deno.lstat(at);
  const name = `${path || "."} ${isSymlink ? "" : ((mode ?? 0) & 0o7777).toString(8)}`;
  if (isSymlink) return [`${name}-> ${await Deno.readLink(at)}`];
  if (!isDirectory) return [`${name} ${(await Deno.readTextFile(at)).slice(0, 20)}`];
  const names = (await Array.fromAsync(Deno.readDir(at), ({ name }) => name)).sort();
  return [
    name,
    ...(await Promise.all(names.map((one) => listing(directory, `${path}/${one}`)))).flat(),
  ];
}

/** A directory with all that directories have. */
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

Deno.test("push and pull carry a directory there and back, with modes, links and names", async () => {
  await using scene = await openScene();
  const { directory } = scene;
  await makeSite(`${directory}/site`);
  await succeed(scene, "push", "web-1", `${directory}/site`, "/srv", "--owner", "nobody:nogroup");
  assert.equal(
    await inside(
      scene,
      "cd /srv/site; stat -c '%a %U:%G' . .hidden; readlink link nowhere; ls -A /srv",
    ),
    `750 nobody:nogroup\n600 nobody:nogroup\n.hidden\n/${"g".repeat(150)}\nsite\n`,
  );
  // A program of another's may not become one that runs as this user.
  await inside(scene, "chmod 4644 /srv/site/..dots; chmod 2750 /srv/site");
  await succeed(scene, "pull", "web-1", "/srv/site/", `${directory}/back`);
  assert.deepEqual(await listing(`${directory}/back`), await listing(`${directory}/site`));
  const left = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  assert.deepEqual(left.sort(), ["back", "site"]);
});

Deno.test("push and pull put a directory where cp -r would, and keep what is there", async () => {
  await using scene = await openScene();
  const { directory } = scene;
  await Deno.mkdir(`${directory}/a/sub`, { recursive: true });
  await Deno.writeTextFile(`${directory}/a/sub/f`, "new\n");
  await Deno.writeTextFile(`${directory}/a/g`, "g\n");
  const show = "find . -type f | sort | while read -r f; do echo $f $(cat $f); done";
  const pushed = async (source: string, target: string, before: string): Promise<string> => {
    await inside(scene, `rm -rf /root/t; mkdir /root/t; cd /root/t; ${before}`);
    await succeed(scene, "push", "web-1", `${directory}/${source}`, target);
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
    await Deno.mkdir(`${directory}/t/u/sub`, { recursive: true });
    await Deno.writeTextFile(`${directory}/t/u/sub/f`, "old\n");
    await Deno.writeTextFile(`${directory}/t/u/sub/k`, "k\n");
    await Deno.chmod(`${directory}/t/u/sub`, 0o700);
    await succeed(scene, "pull", "web-1", source, `${directory}/t/${target}`);
    const found = await listing(`${directory}/t`);
    await Deno.remove(`${directory}/t`, { recursive: true });
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

Deno.test("push does not go through a link to where a directory is, and takes nothing from behind it", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  await inside(scene, "mkdir -p /srv/site/d /srv/behind; echo x >/srv/behind/file");
  await Deno.mkdir(`${directory}/site`);
  await Deno.symlink("/srv/behind", `${directory}/site/d`);
  const { status, stderr } = await lab.run(["push", "web-1", `${directory}/site/.`, "/srv/site"]);
  assert.equal(status, 1, stderr);
  assert.equal(await inside(scene, "ls -A /srv/behind"), "file\n");
  assert.equal(await inside(scene, "ls -A /srv/site/d"), "");
});

Deno.test("a new directory that does not come whole leaves nothing on either side", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  await makeSite(`${directory}/site`);
  const undo = lab.simulator.ssh.inject({ name: "drop-exec", at: 1 });
  assert.equal((await lab.run(["pull", "web-1", "/etc", `${directory}/etc`])).status, 5);
  undo();
  await Deno.writeTextFile(`${directory}/site/secret`, "");
  await Deno.chmod(`${directory}/site/secret`, 0);
  const left = (): Promise<string[]> =>
    Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  assert.deepEqual(await left(), ["site"]);

  const platform = lab.platform();
  const { fileStreams } = platform;
  const cut = {
    ...platform,
    fileStreams: {
      ...fileStreams,
      draftDirectory(path: string): ReturnType<typeof fileStreams.draftDirectory> {
        const draft = fileStreams.draftDirectory(path);
        return {
          ...draft,
          file(names, mode) {
            draft.file(names, mode);
            platform.interrupt();
          },
        };
      },
    },
  };
  assert.equal(await runCli(["pull", "web-1", "/etc", `${directory}/etc`], cut), 130);
  assert.deepEqual(await left(), ["site"]);

  const stuck = {
    ...platform,
    fileStreams: {
      ...fileStreams,
      async *entries(path: string): ReturnType<typeof fileStreams.entries> {
        for await (const entry of fileStreams.entries(path)) {
          yield entry;
          if (entry.kind !== "file") continue;
          platform.interrupt();
          await new Promise(() => {});
        }
      },
    },
  };
  assert.equal(await runCli(["push", "web-1", `${directory}/site`, "/srv/site"], stuck), 130);
  assert.equal(await inside(scene, "ls -A /srv"), "");
});

Deno.test("what is cut off in an existing directory is there in part, and the error says so", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  await inside(scene, "mkdir -p /srv/site /root/two; echo 1 >/root/two/a; echo 2 >/root/two/b");
  await Deno.mkdir(`${directory}/site`);
  await Deno.writeTextFile(`${directory}/site/a`, "x");
  await Deno.writeTextFile(`${directory}/site/b`, "x".repeat(1_000_000));
  await Deno.mkdir(`${directory}/two`);
  const platform = lab.platform();
  const { fileStreams } = platform;
  const cut = {
    ...platform,
    fileStreams: {
      ...fileStreams,
      draftDirectory(path: string): ReturnType<typeof fileStreams.draftDirectory> {
        const draft = fileStreams.draftDirectory(path);
        return {
          ...draft,
          file(names, mode) {
            draft.file(names, mode);
            platform.interrupt();
          },
        };
      },
      async *entries(path: string): ReturnType<typeof fileStreams.entries> {
        for await (const entry of fileStreams.entries(path)) {
          yield entry;
          if (entry.path[0] !== "b") continue;
          await until("the file", async () => (await inside(scene, "ls /srv/site")) !== "");
          platform.interrupt();
          await new Promise(() => {});
        }
      },
    },
  };
  assert.equal(await runCli(["pull", "web-1", "/root/two", directory], cut), 130);
  assert.match(platform.stderr(), /the pull .* was not finished; part of it is in .*\/two/);
  assert.ok((await Deno.stat(`${directory}/two/a`)).isFile);
  assert.equal(await runCli(["push", "web-1", `${directory}/site`, "/srv"], cut), 130);
  assert.match(
    platform.stderr(),
    /the push .* was not finished; part of it is in \/srv in container/,
  );
});

Deno.test("push that is interrupted inside a file closes the file", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  await Deno.mkdir(`${directory}/site`);
  await Deno.writeFile(`${directory}/site/large`, new Uint8Array(12_000_000));
  const platform = lab.platform();
  let [open, opened] = [0, 0];
  const { fileStreams } = platform;
  const cut = {
    ...platform,
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
                  platform.interrupt();
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
  assert.equal(await runCli(["push", "web-1", `${directory}/site`, "/srv/site"], cut), 130);
  await until("the file is closed", () => open === 0);
  assert.equal(opened, 1);
});

Deno.test("pull writes nothing outside of its directory, whatever a container's tar sends", async () => {
  await using scene = await openScene();
  const { directory, lab } = scene;
  await inside(
    scene,
    "printf '#!/bin/sh\ncat /root/evil.tar\n' >/usr/local/bin/tar; chmod +x /usr/local/bin/tar",
  );
  const top: TarHeader = { name: "./", type: "directory", size: 0 };
  const to = `${directory}/in`;
  const evils: readonly (readonly TarHeader[])[] = [
    [{ name: "../out", size: 1 }],
    [{ name: "./a/../../out", size: 1 }],
    [{ name: `${directory}/out`, size: 1 }],
    [{ name: "..", type: "symlink", size: 0, linkname: directory }],
    [{ name: "./l", type: "symlink", size: 0, linkname: directory }, { name: "./l/out", size: 1 }],
    [{ name: "./l", type: "symlink", size: 0, linkname: `${directory}/out` }, {
      name: "./l",
      size: 1,
    }],
    [{ name: "./l", type: "link", size: 0, linkname: "../secret" }],
    [{ name: "./l", type: "link", size: 0, linkname: `${directory}/secret` }],
    [{ name: "./d", type: "symlink", size: 0, linkname: directory }, {
      name: "./d/",
      type: "directory",
      size: 0,
    }],
  ];
  await Deno.writeTextFile(`${directory}/secret`, "s");
  for (const entries of evils) {
    const archive = await packTar([top, ...entries].map((header) => ({
      header,
      ...(header.size > 0 && { body: "x" }),
    })));
    await Deno.writeFile(`${directory}/evil.tar`, archive);
    await succeed(scene, "push", "web-1", `${directory}/evil.tar`, "/root");
    await Deno.remove(`${directory}/evil.tar`);
    const { status, stderr } = await lab.run(["pull", "web-1", "/srv", to]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /cannot write .*\/in: /);
    const left = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
    assert.deepEqual(left, ["secret"], JSON.stringify(entries));
  }
  await inside(scene, "rm /usr/local/bin/tar; ln -s /home/me /srv/d; mkdir /srv/s");
  await succeed(scene, "pull", "web-1", "/srv", to);
  await inside(scene, "rm /srv/d; mkdir /srv/d; echo x >/srv/d/out");
  const { status, stderr } = await lab.run(["pull", "web-1", "/srv/.", to]);
  assert.equal(status, 1);
  assert.match(stderr, /cannot write .*\/in: d is not a directory there; part of it is in .*\/in/);
});
