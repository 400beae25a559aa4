import assert from "node:assert/strict";
import { type JsonSchema, recipeJsonSchema } from "../schema/json_schema.ts";
import { parseRecipe } from "./parse.ts";
import type { Recipe } from "../schema/types.ts";

const EXAMPLES = new URL("../../../examples/", import.meta.url);

const ENV = { TAILSCALE_AUTH_KEY: "tskey-auth-k1234", APP_PASSWORD: "hunter2" };

function example(name: string): Recipe {
  return parseRecipe(Deno.readTextFileSync(new URL(name, EXAMPLES)), { file: name, env: ENV });
}

Deno.test("parseRecipe() reads every example, with and without an environment", () => {
  const names = [...Deno.readDirSync(EXAMPLES)].map(({ name }) => name)
    .filter((name) => name.endsWith(".yaml"));
  assert.ok(names.length >= 5);
  for (const name of names) {
    assert.ok(example(name).container.hostname, name);
    const text = Deno.readTextFileSync(new URL(name, EXAMPLES));
    assert.ok(parseRecipe(text, { file: name, env: undefined }), name);
  }
});

Deno.test("examples/web.yaml asks only for what is built, and leaves the node to placement", () => {
  const { container, provisioning } = example("web.yaml");
  assert.equal(container.hostname, "web-1");
  assert.equal(container.node, undefined);
  assert.equal(container.vmid, undefined);
  assert.equal(container.unprivileged, true);
  assert.deepEqual(container.features, {
    nesting: true,
    keyctl: false,
    fuse: false,
    mknod: false,
    mount: [],
  });
  assert.deepEqual([container.mount_points, container.devices], [[], []]);
  const { packages, ssh_keys, files, scripts, ...rest } = provisioning;
  assert.deepEqual(rest, { users: [], docker: false });
  assert.deepEqual([packages, ssh_keys, files, scripts].map(({ length }) => length), [2, 1, 1, 1]);
});

/** The keys of a schema that a value, or one of its items, leaves out. */
function leftOut(schema: JsonSchema, values: readonly unknown[], path: string): string[] {
  const options = [schema["anyOf"] ?? []].flat().map(asSchema);
  const shape = options.find(({ properties }) => properties !== undefined) ?? schema;
  const items = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
  return Object.entries(asSchema(shape["items"] ?? shape).properties ?? {})
    .filter(([, { description }]) => !/^(The same as|Another way)/.test(String(description)))
    .flatMap(([key, inner]) => {
      const found = items.flatMap((item) => Object.hasOwn(item, key) ? [item[key]] : []);
      return found.length === 0 ? [`${path}.${key}`] : leftOut(inner, found, `${path}.${key}`);
    });
}

function asSchema(value: unknown): JsonSchema {
  return { ...Object(value) };
}

Deno.test("examples/full.yaml holds every key", () => {
  const { origin: _, ...recipe } = example("full.yaml");
  assert.deepEqual(leftOut(recipeJsonSchema(), [recipe], "$"), [
    // Keys of the container, and written there.
    "$.container.network.nameserver",
    "$.container.network.searchdomain",
  ]);
});
