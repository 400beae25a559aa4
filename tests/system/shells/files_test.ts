import assert from "node:assert/strict";
import { Secret } from "../../../lib/core/secret.ts";
import { fileStep, type FileWish } from "../../../lib/provision/steps/files.ts";
import type { TestRoot } from "../../support/chroot.ts";
import { apply, eachShell, HOSTILE, type Provisioned } from "./in_root.ts";

async function put(root: TestRoot, wish: Partial<FileWish>): Promise<Provisioned> {
  const whole = { path: "/etc/app.conf", content: "x\n", mode: "0644", owner: "root", ...wish };
  return await apply(root, [await fileStep("files[0]", whole)]);
}

/** Mode and owner of a file of the root. */
async function stat(root: TestRoot, path: string): Promise<string> {
  const { mode, uid, gid } = await Deno.lstat(root.directory + path);
  return `${((mode ?? 0) & 0o7777).toString(8)} ${uid}:${gid}`;
}

eachShell("fileStep() brings bytes across, once", async (root) => {
  const everyByte = Uint8Array.from({ length: 256 * 5 }, (_, index) => index % 256);
  const contents = [
    HOSTILE,
    "",
    "\n\n",
    "no end",
    "a\r\nb\n\n",
    new Secret(HOSTILE),
    everyByte,
    "x".repeat(80_000),
  ];
  for (const [index, content] of contents.entries()) {
    const wish = { path: `/srv/${index}`, content };
    assert.deepEqual((await put(root, wish)).changed, ["files[0]"], `content ${index}`);
    const bytes = content instanceof Secret ? content.reveal() : content;
    const expected = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    assert.deepEqual(await Deno.readFile(`${root.directory}/srv/${index}`), expected);
    assert.deepEqual((await put(root, wish)).changed, [], `content ${index} again`);
  }
});

eachShell("fileStep() brings 1 MB across", async (root) => {
  const content = new Uint8Array(1_000_000);
  for (let at = 0; at < content.length; at += 50_000) {
    crypto.getRandomValues(content.subarray(at, at + 50_000));
  }
  assert.deepEqual((await put(root, { content })).changed, ["files[0]"]);
  assert.deepEqual(await Deno.readFile(`${root.directory}/etc/app.conf`), content);
  assert.deepEqual((await put(root, { content })).changed, []);
});

eachShell("fileStep() takes any path", async (root) => {
  const names = [
    "with space",
    "-rf",
    "--",
    "it's",
    'a"b',
    "$(touch hit)",
    "`x`",
    "a\nb\n",
    "ü漢🎉",
    "*",
    "\\n",
    "~",
  ];
  for (const name of names) {
    const path = `/opt/${name}/${name}`;
    assert.deepEqual((await put(root, { path })).changed, ["files[0]"], path);
    assert.equal(await root.read(path), "x\n");
    assert.deepEqual((await put(root, { path })).changed, [], path);
    const left = [...Deno.readDirSync(`${root.directory}/opt/${name}`)].map((entry) => entry.name);
    assert.deepEqual(left, [name]);
  }
  assert.equal([...Deno.readDirSync(`${root.directory}/opt`)].length, names.length);
});

eachShell("fileStep() sets mode and owner by name and number", async (root) => {
  await root.write(
    "/etc/passwd",
    `${await root.read("/etc/passwd")}alias:x:1000:1000::/:/bin/sh\n`,
  );
  const cases = [
    ["0600", "dev:staff", "600 1000:50"],
    ["4755", "root:root", "4755 0:0"],
    ["0640", "dev", "640 1000:1000"],
    ["644", "1000:50", "644 1000:50"],
    ["1777", "4321:8765", "1777 4321:8765"],
    ["0000", "77", "0 77:0"],
    ["0644", "alias:dev", "644 1000:1000"],
  ] as const;
  for (const [mode, owner, expected] of cases) {
    assert.deepEqual((await put(root, { mode, owner })).changed, ["files[0]"], `${mode} ${owner}`);
    assert.equal(await stat(root, "/etc/app.conf"), expected);
    assert.deepEqual((await put(root, { mode, owner })).changed, [], `${mode} ${owner} again`);
  }
});

eachShell("fileStep() replaces another content, mode, owner or a link", async (root) => {
  await put(root, {});
  await root.write("/etc/app.conf", "y\n");
  assert.deepEqual((await put(root, {})).changed, ["files[0]"]);
  await Deno.chmod(`${root.directory}/etc/app.conf`, 0o666);
  assert.deepEqual((await put(root, {})).changed, ["files[0]"]);
  await Deno.chown(`${root.directory}/etc/app.conf`, 1000, 0);
  assert.deepEqual((await put(root, {})).changed, ["files[0]"]);
  await root.write("/etc/other", "x\n");
  await Deno.remove(`${root.directory}/etc/app.conf`);
  await Deno.symlink("other", `${root.directory}/etc/app.conf`);
  assert.deepEqual((await put(root, { content: "z\n" })).changed, ["files[0]"]);
  assert.equal(await root.read("/etc/other"), "x\n");
  assert.equal((await Deno.lstat(`${root.directory}/etc/app.conf`)).isSymlink, false);
  assert.equal(await root.read("/etc/app.conf"), "z\n");
});

eachShell("fileStep() makes missing parents", async (root) => {
  assert.equal((await put(root, { path: "/a/b/c/d", mode: "0600" })).error, undefined);
  assert.deepEqual([await stat(root, "/a/b"), await stat(root, "/a/b/c/d")], [
    "755 0:0",
    "600 0:0",
  ]);
  assert.equal((await put(root, { path: "/top" })).error, undefined);
  assert.equal(await root.read("/top"), "x\n");
});

eachShell("fileStep() says what stands in the way and leaves nothing behind", async (root) => {
  await Deno.mkdir(`${root.directory}/srv/directory`, { recursive: true });
  await Deno.symlink("directory", `${root.directory}/srv/link`);
  await root.write("/srv/file", "");
  const cases = [
    [{ path: "/srv/directory" }, /\/srv\/directory is a directory; it is not replaced by a file/],
    [{ path: "/srv/link" }, /\/srv\/link is a directory; it is not replaced by a file/],
    [{ path: "/srv/file/below" }, /cannot make the directory \/srv\/file\//],
    [{ path: "/srv/x", owner: "ghost" }, /there is no user ghost to own \/srv\/x/],
    [{ path: "/srv/x", owner: "root:ghosts" }, /cannot give \/srv\/x to root:ghosts/],
    [{ path: "/proc/none/x" }, /cannot make the directory \/proc\/none\//],
  ] as const;
  for (const [wish, message] of cases) {
    assert.match(String((await put(root, wish)).error), message);
  }
  const left = [...Deno.readDirSync(`${root.directory}/srv`)].map((entry) => entry.name).sort();
  assert.deepEqual(left, ["directory", "file", "link"]);
});
