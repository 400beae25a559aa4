import assert from "node:assert/strict";
import { DOTS, Secret } from "../../core/secret.ts";
import { formatRecipe } from "./format.ts";
import { parseRecipe } from "../read/parse.ts";
import type { Recipe } from "../schema/types.ts";

const EXAMPLES = new URL("../../../examples/", import.meta.url);

const ENV = { TAILSCALE_AUTH_KEY: "tskey-auth-k1234", APP_PASSWORD: "hunter2" };
const MINIMAL = "container:\n  hostname: a\n  template: b\n";

function parse(text: string): Recipe {
  const { origin: _, ...rest } = parseRecipe(text, { file: "f", env: ENV });
  return rest;
}

Deno.test("formatRecipe() writes what a recipe says, without the defaults", () => {
  assert.equal(
    formatRecipe(parse(MINIMAL)),
    `version: "1.0"
container:
  hostname: a
  template: b
  resources:
    cores: 2
    memory: 1024
    storage: 10
  network:
    ip: dhcp
`,
  );
});

Deno.test("formatRecipe() writes what reads as the same recipe, for every example", () => {
  for (const { name } of Deno.readDirSync(EXAMPLES)) {
    if (!name.endsWith(".yaml")) continue;
    const recipe = parse(Deno.readTextFileSync(new URL(name, EXAMPLES)));
    const text = formatRecipe(recipe);
    assert.deepEqual(parse(text), recipe, name);
    assert.equal(formatRecipe(parse(text)), text, name);
  }
});

Deno.test("formatRecipe() writes texts that YAML or ${NAME} could misread so that they survive", () => {
  const recipe = parse(MINIMAL);
  const environment = {
    A: "${X}",
    B: "$${X}",
    C: "null",
    D: "",
    E: "0644",
    F: "yes",
    G: " padded ",
    H: "a: b # c",
    I: "line\nline\n\n",
    J: "*x",
    K: "tab\tand \u001b",
    L: "true",
    M: "- a",
    N: "$",
  };
  const content = "${X} $${Y}\n\ttabbed\n  \n";
  const odd: Recipe = {
    ...recipe,
    container: { ...recipe.container, description: "${not} a reference", unprivileged: false },
    provisioning: {
      ...recipe.provisioning,
      files: [{ path: "/a", content, mode: "0644", owner: "root:root" }],
      scripts: [{
        name: "script-1",
        interpreter: "bash",
        content: "echo",
        environment,
        timeout: 600,
        continue_on_error: true,
      }],
    },
  };
  assert.deepEqual(parse(formatRecipe(odd)), odd);
});

Deno.test("formatRecipe() writes a secret as the reference that it came from", () => {
  const text = formatRecipe(parse(`${MINIMAL}provisioning:
  tailscale: { auth_key: "\${TAILSCALE_AUTH_KEY}" }
  scripts: [{ content: x, environment: { URL: "db://me:\${APP_PASSWORD}@host" } }]
`));
  assert.match(text, /auth_key: \$\{TAILSCALE_AUTH_KEY\}\n/);
  assert.match(text, /URL: db:\/\/me:\$\{APP_PASSWORD\}@host\n/);
  assert.doesNotMatch(text, /hunter2|k1234/);
});

Deno.test("formatRecipe() names a variable for a secret that came from elsewhere", () => {
  const recipe = parse(MINIMAL);
  const text = formatRecipe({
    ...recipe,
    provisioning: {
      ...recipe.provisioning,
      ssh_keys: [new Secret("s1")],
      tailscale: {
        auth_key: new Secret("s2"),
        accept_routes: false,
        advertise_routes: [],
        shields_up: false,
        ephemeral: false,
      },
      files: [{ path: "/a", content: new Secret("s3"), mode: "0644", owner: "root:root" }],
      scripts: [{
        name: "x",
        interpreter: "sh",
        content: new Secret("s4"),
        environment: { DB_PASSWORD: new Secret("s5") },
        timeout: 600,
        continue_on_error: false,
      }],
    },
  });
  assert.match(text, /- \$\{SSH_KEYS_0\}\n/);
  assert.match(text, /auth_key: \$\{TAILSCALE_AUTH_KEY\}\n/);
  assert.match(text, /DB_PASSWORD: \$\{DB_PASSWORD\}\n/);
  assert.match(text, /# its content is secret, and not written here\n/);
  assert.equal(text.includes(DOTS), false);
  assert.doesNotMatch(text, /s[1-5]\b/);
});

Deno.test("formatRecipe() writes tailscale: true for all of its defaults", () => {
  assert.match(
    formatRecipe(parse(`${MINIMAL}provisioning: { tailscale: { provision: true } }`)),
    /tailscale: true\n/,
  );
});
