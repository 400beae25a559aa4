import assert from "node:assert/strict";
import { breaches, circles } from "../../tasks/check_layers.ts";

const change = '"../../proxmox/api/changes/lxc.ts"';

const cases: readonly (readonly [file: string, code: string, breach: RegExp | undefined])[] = [
  ["lib/plan/plan.ts", 'import { a } from "../proxmox/api/nodes/lxc.ts";', undefined],
  ["lib/recipe/read/parse.ts", 'import { a } from "../../core/errors.ts";', undefined],
  ["lib/core/poll.ts", 'import { a } from "../recipe/schema/types.ts";', /core may not import/],
  ["lib/recipe/read/a.ts", 'import { a } from "../schema/types.ts";', undefined],
  ["lib/recipe/schema/a.ts", 'import { a } from "../read/a.ts";', /recipe\/schema may not import/],
  [
    "lib/recipe/read/a.ts",
    'import type { A } from "../../proxmox/a.ts";',
    /may not import proxmox/,
  ],
  ["lib/proxmox/a.ts", 'export * from "../ssh/client/a.ts";', /proxmox may not import ssh/],
  ["lib/proxmox/http/a.ts", 'export * from "../api/a.ts";', /http may not import proxmox\/api/],
  ["lib/doctor/a.ts", 'import { a } from "../setup/a.ts";', /doctor may not import setup/],
  ["sim/ssh/a.ts", 'import {\n  a,\n} from "../../lib/proxmox/a.ts";', /sim may not import/],
  ["sim/ssh/a.ts", 'import { a } from "../../lib/core/a.ts";', undefined],
  ["sim/ssh/a.ts", 'import { a } from "../tests/a.ts";', /is for tests/],
  ["lib/cli/a.ts", 'const a = await import("../../sim/mod.ts");', /reaches the simulator/],
  [
    "lib/cli/commands/simulated/demo.ts",
    'const a = await import("../../../../sim/mod.ts");',
    undefined,
  ],
  [
    "lib/cli/commands/simulated/demo.ts",
    'import { a } from "../../../../sim/mod.ts";',
    /by dynamic import/,
  ],
  ["lib/core/a.ts", "Deno.readFile(path);", /Deno\. belongs/],
  ["lib/host/a.ts", "Deno.readFile(path);", undefined],
  ["lib/cli/a.ts", 'import process from "node:process";', /node:process belongs/],
  ["lib/host/a.ts", 'import process from "node:process";', undefined],
  ["lib/host/a.ts", "Deno.exit(1);", /only main\.ts exits/],
  ["lib/cli/a.ts", "console.log(1);", /console/],
  ["lib/cli/a.ts", "// console.log(1) is why Deno.exit", undefined],
  ["lib/core/a_test.ts", 'import { a } from "../recipe/schema/types.ts";', undefined],
  ["lib/core/a.ts", 'import { a } from "../../tasks/a.ts";', /outside lib/],
  ["lib/nowhere/a.ts", "", /no known room/],
  ["lib/core/a.ts", "\n".repeat(401), /none over 400/],
  ["lib/cluster/changes/a.ts", `import * as lxc from ${change};`, undefined],
  ["lib/cluster/guests/a.ts", `import * as lxc from ${change};`, /only cluster\/changes/],
  ["lib/cluster/guests/a.ts", `import type { A } from ${change};`, /only cluster\/changes/],
  ["lib/cluster/guests/a.ts", `export * from ${change};`, /only cluster\/changes/],
  ["lib/cluster/guests/a.ts", `await import(${change});`, /only cluster\/changes/],
  ["lib/cli/app/a.ts", `import { stop } from ${change};`, /only cluster\/changes/],
  ["lib/operations/a.ts", "await cluster.rest.delete(path);", /belong to lib\/proxmox\/api/],
  ["lib/core/a.ts", 'import { a } from "../../deps/yaml.ts";', undefined],
  ["sim/ssh/a.ts", 'import { a } from "../../deps/ssh2.ts";', undefined],
  ["lib/core/a.ts", 'import { a } from "yaml";', /yaml is imported by way of a file of deps/],
  ["sim/a.ts", 'const a = await import("just-bash");', /just-bash is imported by way/],
  ["tests/a_test.ts", 'import { a } from "npm:yaml@2.9.1";', /npm:yaml@2\.9\.1 is imported/],
  ["tasks/a.ts", 'import { a } from "jsr:@std/yaml";', /by way of a file of deps/],
  ["tests/a_test.ts", 'import a from "node:fs"; Deno.exit(1);', undefined],
  ["deps/a.ts", 'export * from "npm:@a/b@1.2.3";', undefined],
  ["deps/a.ts", 'export * from "npm:a@^1.2.3";', /is not npm:PACKAGE@VERSION/],
  ["deps/a.ts", 'export * from "../lib/a.ts";', /deps\/ may not import lib\/a\.ts/],
  ["deps/a.ts", 'import "npm:a@1.2.3";\nimport "npm:b@1.2.3";', /2 packages; one each/],
  ["mod.ts", 'export { a } from "./lib/core/a.ts";', undefined],
  ["mod.ts", "const a = 1;", /re-exports only/],
];

Deno.test("breaches() finds each kind of forbidden import and nothing else", () => {
  for (const [file, code, breach] of cases) {
    const found = breaches(file, code);
    if (breach === undefined) assert.deepEqual(found, [], file);
    else assert.match(found.join("\n"), breach, file);
  }
});

Deno.test("circles() finds files that import each other, by types as well", () => {
  const found = circles(
    new Map([
      ["lib/a.ts", 'import type { B } from "./b.ts";'],
      ["lib/b.ts", 'import { c } from "./c.ts";'],
      ["lib/c.ts", 'const a = await import("./a.ts");\nimport "./d.ts";'],
      ["lib/d.ts", 'import { e } from "./e.ts";'],
      ["lib/e.ts", ""],
      ["lib/f.ts", 'import { a } from "./a.ts";'],
    ]),
  );
  assert.deepEqual(found, [["lib/a.ts", "lib/b.ts", "lib/c.ts"]]);
});
