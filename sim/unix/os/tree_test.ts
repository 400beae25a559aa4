import assert from "node:assert/strict";
import { bytesOf } from "./bytes.ts";
import { Errno, type ErrnoCode } from "./errno.ts";
import { FileTree, makeDir, makeFile, makeLink, makeVirtualDir, may, normalize } from "./tree.ts";

const USER = { uid: 1000, gid: 1000, groups: [1000, 50] };

function fails(code: ErrnoCode, run: () => unknown): void {
  assert.throws(run, (error) => error instanceof Errno && error.code === code, code);
}

Deno.test("FileTree.lookup() follows links, and not in circles", () => {
  const tree = new FileTree();
  tree.write("/usr/bin/ls", bytesOf("x"));
  tree.insert("/bin", makeLink("usr/bin"));
  tree.insert("/usr/up", makeLink("../usr/bin"));
  tree.insert("/loop", makeLink("/loop"));
  assert.equal(tree.lookup("/bin/ls"), tree.lookup("/usr/bin/ls"));
  assert.equal(tree.lookup("/usr/up/../bin/ls"), tree.lookup("/usr/bin/ls"));
  assert.equal(tree.lookup("/bin", false).kind, "link");
  assert.equal(tree.lookup("/"), tree.root);
  fails("ELOOP", () => tree.lookup("/loop"));
  fails("ENOENT", () => tree.lookup("/no/such"));
  fails("ENOTDIR", () => tree.lookup("/usr/bin/ls/x"));
  fails("ENOTDIR", () => tree.dir("/usr/bin/ls"));
  assert.equal(tree.find("/loop"), undefined);
});

Deno.test("FileTree.create() goes through a link whose target is missing", () => {
  const tree = new FileTree();
  tree.insert("/link", makeLink("/target"));
  tree.create("/link");
  assert.equal(tree.lookup("/target").kind, "file");
  fails("EISDIR", () => tree.create("/"));
});

Deno.test("FileTree.rename() replaces what may be replaced", () => {
  const tree = new FileTree();
  for (const path of ["/a/f", "/b/f"]) tree.write(path, bytesOf(path));
  tree.mkdirs("/empty");
  fails("EISDIR", () => tree.rename("/a/f", "/b"));
  fails("ENOTDIR", () => tree.rename("/a", "/b/f"));
  fails("ENOTEMPTY", () => tree.rename("/a", "/b"));
  fails("EINVAL", () => tree.rename("/a", "/a/c"));
  fails("ENOENT", () => tree.rename("/nosuch", "/x"));
  tree.rename("/a", "/empty");
  assert.equal(tree.lookup("/empty/f").kind, "file");
  tree.rename("/empty/f", "/b/f");
  tree.rename("/b/f", "/b/f");
  assert.equal(tree.find("/empty/f"), undefined);
});

Deno.test("FileTree.remove() takes only what it is told to", () => {
  const tree = new FileTree();
  tree.write("/d/f", bytesOf(""));
  fails("ENOTEMPTY", () => tree.remove("/d", "dir"));
  fails("EISDIR", () => tree.remove("/d", "file"));
  fails("ENOTDIR", () => tree.remove("/d/f", "dir"));
  fails("EACCES", () => tree.remove("/d/f", "file", USER));
  tree.remove("/d/f", "file");
  tree.remove("/d", "dir");
  fails("ENOENT", () => tree.remove("/d", "dir"));
});

Deno.test("FileTree.insert() needs a free name and the right to it", () => {
  const tree = new FileTree();
  tree.insert("/made", makeVirtualDir(() => new Map([["x", makeDir()]])));
  fails("EEXIST", () => tree.insert("/made", makeDir()));
  fails("EPERM", () => tree.insert("/made/y", makeDir()));
  fails("EACCES", () => tree.insert("/mine", makeDir(), USER));
  fails("EEXIST", () => {
    tree.write("/f", bytesOf(""));
    tree.mkdirs("/f/x".slice(0, 2));
  });
  assert.equal(tree.lookup("/made/x").kind, "dir");
});

Deno.test("may() counts owner, group, others, and root's way round them", () => {
  const file = makeFile(bytesOf(""), 0o640, { uid: 1000, gid: 50, groups: [] });
  assert.ok(may(file, USER, 6));
  assert.ok(may(file, { uid: 2, gid: 50, groups: [] }, 4));
  assert.ok(may(file, { uid: 2, gid: 2, groups: [50] }, 4));
  assert.ok(!may(file, { uid: 2, gid: 50, groups: [] }, 2));
  assert.ok(!may(file, { uid: 2, gid: 2, groups: [] }, 4));
  assert.ok(may(file, { uid: 0, gid: 0, groups: [] }, 6));
  assert.ok(!may(file, { uid: 0, gid: 0, groups: [] }, 1), "root cannot run what nobody can");
});

Deno.test("normalize() makes absolute paths", () => {
  assert.equal(normalize("/a/b", "../c/./d//"), "/a/c/d");
  assert.equal(normalize("/", "/../.."), "/");
});
