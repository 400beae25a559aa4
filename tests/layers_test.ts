import assert from "node:assert/strict";
import { breaches } from "../tasks/check_layers.ts";

const cases: readonly (readonly [file: string, code: string, breach: RegExp | undefined])[] = [
  ["lib/lifecycle/plan.ts", 'import { a } from "../proxmox/mod.ts";', undefined],
  ["lib/recipe/parse.ts", 'import { a } from "../core/errors.ts";', undefined],
  ["lib/core/poll.ts", 'import { a } from "../recipe/types.ts";', /core may not import recipe/],
  ["lib/recipe/a.ts", 'import type { A } from "../proxmox/a.ts";', /recipe may not import proxmox/],
  ["lib/proxmox/a.ts", 'export * from "../ssh/a.ts";', /proxmox may not import ssh/],
  ["lib/sim/a.ts", 'import {\n  a,\n} from "../proxmox/a.ts";', /sim may not import proxmox/],
  ["lib/cli/a.ts", 'const a = await import("../sim/mod.ts");', /only demo and simulator/],
  ["lib/cli/commands/demo.ts", 'const a = await import("../../sim/mod.ts");', undefined],
  ["lib/cli/commands/demo.ts", 'import { a } from "../../sim/mod.ts";', /by dynamic import/],
  ["lib/core/a.ts", "Deno.readFile(path);", /Deno\. belongs/],
  ["lib/host/a.ts", "Deno.readFile(path);", undefined],
  ["lib/host/a.ts", "Deno.exit(1);", /only main\.ts exits/],
  ["lib/cli/a.ts", "console.log(1);", /console/],
  ["lib/cli/a.ts", "// console.log(1) is why Deno.exit", undefined],
  ["lib/core/a_test.ts", 'import { a } from "../recipe/types.ts";', undefined],
  ["lib/core/a.ts", 'import { a } from "../../tasks/a.ts";', /outside lib/],
  ["lib/nowhere/a.ts", "", /not a known layer/],
  ["lib/core/a.ts", "\n".repeat(401), /none over 400/],
  [
    "lib/lifecycle/a.ts",
    'import * as lxc from "../proxmox/nodes_lxc.ts";\nlxc.config(rest, node, vmid) as lxc.LxcConfig;',
    undefined,
  ],
  [
    "lib/lifecycle/same_guest.ts",
    'import * as lxc from "../proxmox/nodes_lxc.ts";\nlxc.destroy(rest, node, vmid);',
    undefined,
  ],
  ["lib/lifecycle/a.ts", 'import type { LxcUpdate } from "../proxmox/nodes_lxc.ts";', undefined],
  ...["destroy", "stop", "shutdown", "reboot", "start", "updateConfig", "rollback"].flatMap((
    name,
  ) =>
    [
      `import * as lxc from "../proxmox/nodes_lxc.ts";\nawait lxc.${name}(rest);`,
      `import { ${name} } from "../proxmox/nodes_lxc.ts";`,
      `import { type LxcConfig, ${name} as other } from "../proxmox/nodes_lxc.ts";`,
      `import * as lxc from "../proxmox/nodes_lxc.ts";\nconst { ${name} } = lxc;`,
      `import * as lxc from "../proxmox/nodes_lxc.ts";\nlxc["${name}"](rest);`,
    ].map((code) => ["lib/lifecycle/a.ts", code, /only .*same_guest\.ts/] as const)
  ),
  ["lib/lifecycle/a.ts", 'export * from "../proxmox/nodes_lxc.ts";', /only .*same_guest\.ts/],
  [
    "lib/cli/a.ts",
    'import * as a from "../proxmox/nodes_lxc.ts";\na.stop(rest);',
    /only .*same_guest/,
  ],
  ["lib/lifecycle/a.ts", "await cluster.rest.delete(path);", /only .*same_guest\.ts/],
  ["mod.ts", 'export { a } from "./lib/core/a.ts";', undefined],
  ["mod.ts", "const a = 1;", /re-exports only/],
];

Deno.test("breaches() finds each kind of forbidden import and nothing else", () => {
  for (const [file, code, breach] of cases) {
    const found = breaches(file, code);
    if (breach === undefined) assert.deepEqual(found, [], file);
    else assert.match(found.join("\n"), breach);
  }
});
