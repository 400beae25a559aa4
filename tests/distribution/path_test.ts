import assert from "node:assert/strict";
import { posix } from "node:path";
import * as light from "../../tasks/bundle/path.ts";

const pieces = [
  "",
  ".",
  "..",
  "/",
  "//",
  "a",
  "a/",
  "/a",
  "a/b",
  "../a",
  "a/../..",
  "a//b/",
  "/..",
  "a b\n",
];

Deno.test({
  name: "the bundle's path functions give what those of Node give",
  ignore: Deno.build.os === "windows",
  fn() {
    for (const one of pieces) {
      assert.equal(light.isAbsolute(one), posix.isAbsolute(one), one);
      for (const other of pieces) {
        for (const path of [one, one + other, `${one}/${other}`]) {
          assert.equal(light.dirname(path), posix.dirname(path), `dirname ${path}`);
          assert.equal(light.basename(path), posix.basename(path), `basename ${path}`);
          assert.equal(light.basename(path, "b"), posix.basename(path, "b"), `basename ${path}`);
        }
        for (const third of pieces) {
          const paths = [one, other, third];
          assert.equal(light.join(...paths), posix.join(...paths), `join ${paths}`);
          assert.equal(light.resolve(...paths), posix.resolve(...paths), `resolve ${paths}`);
        }
      }
    }
  },
});
