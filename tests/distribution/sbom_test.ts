import assert from "node:assert/strict";
import "../../deps/ajv.ts";
import "../../deps/ajv_formats.ts";
import "../../deps/ajv_formats_draft2019.ts";
import { Spec, Validation } from "../../deps/cyclonedx.ts";
import { billOfMaterials, specifiersOf } from "../../tasks/release/sbom.ts";

const root = new URL("../../", import.meta.url);

interface Component {
  readonly "bom-ref": string;
  readonly scope: string;
  readonly purl: string;
  readonly hashes: readonly { readonly content: string }[];
}

function components(bom: Record<string, unknown>): ReadonlyMap<string, Component> {
  return new Map((bom["components"] as Component[]).map((one) => [one["bom-ref"], one]));
}

Deno.test("billOfMaterials() of the lock file is valid CycloneDX, and tells what pxrun loads", async () => {
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", root)));
  const loaded = await specifiersOf(new URL("main.ts", root).href);
  const bom = billOfMaterials("1.2.3", lock, loaded);
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  assert.equal(await validator.validate(JSON.stringify(bom)), null);
  const all = components(bom);
  const scopes = [...all.values()].map(({ purl, scope }) => `${purl.replace(/@.*/, "")} ${scope}`);
  assert.ok(scopes.includes("pkg:npm/ssh2 required"));
  assert.ok(scopes.includes("pkg:npm/just-bash required"), "imported when it is needed");
  assert.ok(scopes.includes("pkg:npm/esbuild excluded"), "makes the bundle");
  assert.ok([...all.values()].every(({ hashes }) => hashes[0]?.content.length === 128));
});

Deno.test("billOfMaterials() follows dependencies, also those that are named without version", () => {
  const integrity = "sha512-AAAA";
  const bom = billOfMaterials("1.2.3", {
    specifiers: { "npm:a@1.0.0": "1.0.0_b@2.0.0", "npm:tool@1.0.0": "1.0.0" },
    npm: {
      "a@1.0.0_b@2.0.0": { integrity, dependencies: ["@s/b"], optionalDependencies: ["c@3.0.0"] },
      "@s/b@2.0.0": { integrity },
      "c@3.0.0": { integrity },
      "c@4.0.0": { integrity },
      "tool@1.0.0": { integrity, dependencies: ["c@4.0.0"] },
    },
  }, new Set(["npm:a@1.0.0"]));
  assert.deepEqual([...components(bom).values()].map(({ purl, scope }) => [purl, scope]), [
    ["pkg:npm/%40s/b@2.0.0", "required"],
    ["pkg:npm/a@1.0.0", "required"],
    ["pkg:npm/c@3.0.0", "required"],
    ["pkg:npm/c@4.0.0", "excluded"],
    ["pkg:npm/tool@1.0.0", "excluded"],
  ]);
});
