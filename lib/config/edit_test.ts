import assert from "node:assert/strict";
import { Secret } from "../core/secret.ts";
import { checkChange, editPlain } from "./edit.ts";
import { InvalidConfig } from "./parse_config.ts";

Deno.test("editPlain() keeps comments and order, and makes the keys on the way", () => {
  const text = "# mine\ncontexts:\n  home:\n    # here\n    host: a # old\n  office:\n";
  const changed = editPlain(text, [
    { path: ["contexts", "home", "host"], value: "b" },
    { path: ["contexts", "office", "ssh", "user"], value: "root" },
  ]);
  assert.equal(
    changed,
    "# mine\ncontexts:\n  home:\n    # here\n    host: b # old\n  office:\n    ssh:\n      user: root\n",
  );
});

Deno.test("editPlain() takes out what is to have no value, and does not mind if it is not there", () => {
  const text = "contexts:\n  home:\n    host: a\n    pool: dev # old\n";
  const changed = editPlain(text, [
    { path: ["contexts", "home", "pool"], value: undefined },
    { path: ["contexts", "home", "ssh", "nodes"], value: undefined },
  ]);
  assert.equal(changed, "contexts:\n  home:\n    host: a\n");
});

Deno.test("editPlain() begins a file, and quotes what YAML would read as something else", () => {
  assert.equal(editPlain("", [{ path: ["a", "b"], value: "8006" }]), 'a:\n  b: "8006"\n');
  assert.equal(editPlain("# only this\n", [{ path: ["a"], value: "x" }]), "# only this\n\na: x\n");
});

Deno.test("checkChange() refuses what the file may not hold, without its value", () => {
  const refuse = (path: string[], value: string | Secret, pattern: RegExp): void => {
    assert.throws(() => checkChange({ path, value }, ["home"], "c.yaml"), (error: unknown) => {
      assert.ok(error instanceof InvalidConfig);
      assert.match(error.message, pattern);
      assert.ok(!error.message.includes("MARK"));
      return true;
    });
  };
  refuse(["contexts", "home", "hots"], "MARK", /hots is not a key; did you mean host/);
  refuse(["contexts", "home", "port"], "MARK", /must be a port/);
  refuse(["contexts", "home", "ssh"], "MARK", /must be a mapping/);
  refuse(["contexts", "home"], "MARK", /must be a mapping/);
  refuse(["contexts", "home", "host", "x"], "MARK", /host must be a single value/);
  refuse(["current_context"], "hme", /did you mean home/);
  checkChange({ path: ["current_context"], value: "home" }, ["home"], "c.yaml");
  checkChange({ path: ["contexts", "new", "password"], value: new Secret("x") }, [], "c.yaml");
});

Deno.test("checkChange() refuses names that every object has", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    for (const path of [["contexts", name, "host"], ["contexts", "home", name], [name, "host"]]) {
      for (const value of ["x", undefined]) {
        assert.throws(() => checkChange({ path, value }, ["home"], "c.yaml"), InvalidConfig);
      }
    }
  }
});
