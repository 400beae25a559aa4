import assert from "node:assert/strict";
import { isEverything, parseScope, scopePaths } from "./scope.ts";

Deno.test("parseScope() reads everything, a pool, storages, and both together", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["/", ["/"]],
    ["pool:dev", ["/pool/dev", "/storage", "/sdn/zones/localnetwork"]],
    ["pool:a/b,storage:local", ["/pool/a/b", "/storage/local", "/sdn/zones/localnetwork"]],
    ["storage:local,storage:local-lvm", [
      "/vms",
      "/nodes",
      "/storage/local",
      "/storage/local-lvm",
      "/sdn/zones/localnetwork",
    ]],
  ];
  for (const [text, paths] of cases) {
    const scope = parseScope(text);
    assert.ok(scope !== undefined, text);
    assert.deepEqual(scopePaths(scope), paths);
    assert.equal(isEverything(scope), text === "/");
  }
});

Deno.test("parseScope() refuses what it cannot read", () => {
  for (
    const text of [
      "",
      "dev",
      "pool:",
      "pool:a,pool:b",
      "/,pool:a",
      "pool:a b",
      "storage:-x",
      "pool:../x y",
    ]
  ) {
    assert.equal(parseScope(text), undefined, text);
  }
});
