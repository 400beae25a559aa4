import assert from "node:assert/strict";
import { parse as parseYaml } from "../../../deps/yaml.ts";
import { schemaText } from "../../../tasks/make_schema.ts";
import { type JsonSchema, recipeJsonSchema } from "./json_schema.ts";
import { parseRecipe } from "../read/parse.ts";

const ROOT = new URL("../../../", import.meta.url);
const EXAMPLES = new URL("examples/", ROOT);

/** Values that an editor would underline: the paths of values that break the schema. */
function broken(schema: JsonSchema, value: unknown, path = "$"): string[] {
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(options)) {
    const results = options.map((option: JsonSchema) => broken(option, value, path));
    if (!results.some((result) => result.length === 0)) return results[0] ?? [path];
  }
  const types = [schema["type"] ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return [path];
  const { minimum, maximum, pattern, required = [], items } = schema;
  if (typeof value === "number") {
    return Number(minimum) > value || Number(maximum) < value ? [path] : [];
  }
  if (typeof value === "string") {
    return typeof pattern === "string" && !new RegExp(pattern, "u").test(value) ? [path] : [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => broken(items as JsonSchema ?? {}, item, `${path}[${i}]`));
  }
  if (typeof value !== "object" || value === null) return [];
  const missing = [required].flat().filter((key) => !Object.hasOwn(value, String(key)));
  return [
    ...missing.map((key) => `${path}.${key}`),
    ...Object.entries(value).flatMap(([key, inner]) => brokenKey(schema, key, inner, path)),
  ];
}

function brokenKey(schema: JsonSchema, key: string, value: unknown, path: string): string[] {
  const known = schema.properties?.[key];
  if (known !== undefined) return broken(known, value, `${path}.${key}`);
  const patterns = Object.keys(schema["patternProperties"] ?? {});
  if (patterns.some((pattern) => new RegExp(pattern).test(key))) return [];
  return schema["additionalProperties"] === false ? [`${path}.${key}`] : [];
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  const kind: string = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  return kind === type;
}

function check(text: string): string[] {
  return broken(recipeJsonSchema(), parseYaml(text, { merge: true }));
}

Deno.test("recipe.schema.json is what recipeJsonSchema() gives; deno run -A tasks/make_schema.ts renews it", () => {
  assert.equal(Deno.readTextFileSync(new URL("recipe.schema.json", ROOT)), schemaText());
});

Deno.test("recipeJsonSchema() accepts every example", () => {
  for (const { name } of Deno.readDirSync(EXAMPLES)) {
    if (!name.endsWith(".yaml")) continue;
    assert.deepEqual(check(Deno.readTextFileSync(new URL(name, EXAMPLES))), [], name);
  }
});

Deno.test("recipeJsonSchema() accepts the flat spellings and references to variables", () => {
  const text = `x-free: [1]
container:
  hostname: a
  template: b
  vmid: \${ID}
  cores: \${N}
  memory: 2G
  storage: 8
  storage_pool: local-lvm
  network_bridge: vmbr0
  network_ip: dhcp
  network_gateway: 10.0.0.1
  start_on_boot: \${B}
  network: { ip: dhcp, nameserver: 9.9.9.9 }
provisioning:
  tailscale: { provision: true }
  files: [{ path: /a, content: x, mode: 0644 }]
  scripts: [{ content: x, environment: { A: 1, B: true, C: c } }]
`;
  assert.deepEqual(check(text), []);
  assert.deepEqual(check(text.replace("{ provision: true }", "true")), []);
});

Deno.test("recipeJsonSchema() accepts keys without a value, and numbers as texts, as parseRecipe() does", () => {
  const text = `container:
  hostname: a
  template: b
  description: 2026
  node:
  resources:
  network:
  tags:
provisioning:
  packages:
  docker:
  tailscale:
  scripts: [{ name: 1, content: 2, working_dir: , timeout: }]
`;
  assert.deepEqual(check(text), []);
  parseRecipe(text);
  assert.notDeepEqual(check("container: { hostname: , template: b }"), []);
  assert.deepEqual(check("container: { hostname: a, template: b }\nprovisioning:\n"), []);
});

Deno.test("recipeJsonSchema() refuses what parseRecipe() refuses", () => {
  const cases: [string, string][] = [
    ["container: { hostname: a }", "$.container.template"],
    ["container: { hostname: a, template: b, coers: 2 }", "$.container.coers"],
    ["container: { hostname: a_b, template: b }", "$.container.hostname"],
    ["container: { hostname: a, template: b, vmid: 99 }", "$.container.vmid"],
    [
      "container: { hostname: a, template: b, resources: { memory: 8X } }",
      "$.container.resources.memory",
    ],
    ["container: { hostname: a, template: b, protection: yes }", "$.container.protection"],
    ["container: { hostname: a, template: b, tags: web }", "$.container.tags"],
    [
      "container: { hostname: a, template: b, network: { brigde: x } }",
      "$.container.network.brigde",
    ],
    [
      "container: { hostname: a, template: b }\nprovisioning: { packages: [1, 'a b'] }",
      "$.provisioning.packages[1]",
    ],
    ["container: { hostname: a, template: b }\nresources: {}", "$.resources"],
    [
      "container: { hostname: a, template: b, devices: [{ path: /etc/x }] }",
      "$.container.devices[0].path",
    ],
    [
      "container: { hostname: a, template: b }\nprovisioning: { ssh_keys: [~/.ssh/id_rsa] }",
      "$.provisioning.ssh_keys[0]",
    ],
    [
      "container: { hostname: a, template: b }\nprovisioning: { files: [{ path: /a/../b, content: x }] }",
      "$.provisioning.files[0].path",
    ],
  ];
  for (const [text, path] of cases) assert.deepEqual(check(text), [path], text);
});

Deno.test("recipeJsonSchema() describes every key", () => {
  const silent: string[] = [];
  const look = (schema: JsonSchema, path: string): void => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      if (typeof inner["description"] !== "string") silent.push(`${path}.${key}`);
      look(inner, `${path}.${key}`);
    }
    for (const part of [schema["items"], ...[schema["anyOf"] ?? []].flat()]) {
      if (typeof part === "object" && part !== null) look({ ...part }, path);
    }
  };
  look(recipeJsonSchema(), "$");
  assert.deepEqual(silent, []);
});

Deno.test("docs/recipe.md names every key of the schema", () => {
  const text = Deno.readTextFileSync(new URL("docs/recipe.md", ROOT));
  const missing: string[] = [];
  const look = (schema: JsonSchema): void => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      if (!text.includes(`\`${key}\``)) missing.push(key);
      look(inner);
    }
    for (const part of [schema["items"], ...[schema["anyOf"] ?? []].flat()]) {
      if (typeof part === "object" && part !== null) look({ ...part });
    }
  };
  look(recipeJsonSchema());
  assert.deepEqual(missing, []);
});
