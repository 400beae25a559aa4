import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import type { Env } from "../../core/platform.ts";
import { EnvValue } from "../schema/env_value.ts";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { parseRecipe } from "./parse.ts";
import type { Recipe } from "../schema/types.ts";

function parse(container: string, provisioning: string, env: Env | undefined): Recipe {
  const text =
    `container:\n  hostname: a\n  template: b\n  ${container}\nprovisioning:\n  ${provisioning}\n`;
  return parseRecipe(text, { file: "f", env });
}

function problems(container: string, provisioning: string, env: Env | undefined): string[] {
  try {
    parse(container, provisioning, env);
  } catch (error) {
    assert.ok(error instanceof InvalidRecipe);
    return error.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
  }
  return [];
}

function revealed(value: unknown): string {
  assert.ok(value instanceof Secret, "it must be a Secret");
  return value.reveal();
}

Deno.test("substitute() puts plain values where a container has ${NAME}", () => {
  const { container } = parse(
    "cores: ${N}\n  memory: ${MEM}\n  node: pve-${NODE}",
    "docker: ${D}",
    {
      N: "4",
      MEM: " 2G\n",
      NODE: "01",
      D: "true",
    },
  );
  assert.equal(container.resources.cores, 4);
  assert.equal(container.resources.memory, 2048);
  assert.equal(container.node, "pve-01");
});

Deno.test("substitute() keeps as Secret what goes where secrets may be", () => {
  const key = `ssh-ed25519 ${btoa(`\0\0\0\x0bssh-ed25519${"x".repeat(36)}`)} me`;
  const { provisioning } = parse(
    "",
    `ssh_keys: ["\${KEY}", "\${FOLDER}/id.pub"]
  tailscale: { auth_key: "\${TS}" }
  users: [{ username: dev, ssh_keys: ["\${KEY}"] }]
  scripts: [{ content: x, environment: { A: "a-\${V}", B: plain } }]`,
    { KEY: key, TS: "tskey-auth-k1234", V: "secret", FOLDER: "~/.ssh" },
  );
  assert.equal(revealed(provisioning.ssh_keys[0]), key);
  // A path is no secret, and must be seen to be read.
  assert.equal(provisioning.ssh_keys[1], "~/.ssh/id.pub");
  assert.equal(revealed(provisioning.users[0]?.ssh_keys[0]), key);
  assert.equal(revealed(provisioning.tailscale?.auth_key), "tskey-auth-k1234");
  assert.equal(revealed(provisioning.scripts[0]?.environment["A"]), "a-secret");
  assert.equal(provisioning.scripts[0]?.environment["B"], "plain");
});

Deno.test("substitute() leaves the contents of scripts and files alone", () => {
  const { provisioning } = parse(
    "",
    'scripts: [{ content: "echo ${HOME} $${X}" }]\n  files: [{ path: /a, content: "${B}" }]',
    {},
  );
  assert.equal(provisioning.scripts[0]?.content, "echo ${HOME} $${X}");
  assert.equal(provisioning.files[0]?.content, "${B}");
});

Deno.test("substitute() replaces once, and makes $${ a literal ${", () => {
  const { container } = parse('description: "$${A} ${A} $$${A} $A $"', "", { A: "${B}", B: "no" });
  assert.equal(container.description, "${A} ${B} $${A} $A $");
});

Deno.test("substitute() tells every missing variable with its place, once", () => {
  assert.deepEqual(problems('node: "${A}-${B}"\n  cores: ${A}', 'packages: ["${C}"]', {}), [
    "4:9: container.node uses ${A}, and the environment has no variable of that name",
    "4:9: container.node uses ${B}, and the environment has no variable of that name",
    "5:10: container.cores uses ${A}, and the environment has no variable of that name",
    "7:14: provisioning.packages[0] uses ${C}, and the environment has no variable of that name",
  ]);
});

Deno.test("substitute() takes no inherited names for variables", () => {
  assert.equal(problems("node: ${toString}", "", {}).length, 1);
});

Deno.test("substitute() refuses what only looks like a reference", () => {
  for (const text of ["${A:-x}", "${}", "${1}", "${A", "${ A }"]) {
    assert.deepEqual(problems(`node: "${text}"`, "", { A: "x" }), [
      "4:9: container.node holds a ${ that begins no ${NAME}",
    ], text);
  }
});

Deno.test("substitute() never shows a value of the environment", () => {
  const env = { X: "hunter2 is not a number", Y: "10.9.8.7" };
  const found = problems(
    "cores: ${X}\n  network: { ip: '${Y}', gateway: '${Y}' }\n  startup: '${X}'",
    "",
    env,
  );
  assert.deepEqual(found, [
    '4:10: container.cores is the value of "${X}"; it must be a whole number from 1 to 8192',
    '5:18: container.network.ip is the value of "${Y}"; it must have the length of its network\'s prefix',
    '6:12: container.startup is the value of "${X}"; it must be order, up and down with numbers, such as order=1,up=10,down=5',
  ]);
});

Deno.test("substitute() refuses a secret where everybody can read it", () => {
  const says = "it must not hold a secret, for this field is shown and stored in the clear";
  assert.deepEqual(
    problems("description: ${DB_PASSWORD}\n  node: ${N}", "packages: ['${T}']", {
      DB_PASSWORD: "x",
      N: "tskey-auth-k1234",
      T: "curl",
    }),
    [
      `4:16: container.description is the value of "\${DB_PASSWORD}"; ${says}`,
      `5:9: container.node is the value of "\${N}"; ${says}`,
    ],
  );
});

Deno.test("substitute() looks nothing up without an environment, and finds all else", () => {
  const recipe = parse(
    'cores: ${N}\n  network: { ip: "${IP}", gateway: "${GW}" }\n  start_on_boot: ${B}',
    'tailscale: { auth_key: "${KEY}" }\n  ssh_keys: ["${SSH}"]',
    undefined,
  );
  assert.equal(recipe.container.network[0]?.ip, "${IP}");
  assert.ok(recipe.provisioning.tailscale?.auth_key instanceof EnvValue);
  assert.deepEqual(problems("cores: ${N}\n  memory: 0", "", undefined), [
    "5:11: container.memory is 0 MiB; it must be at least 16",
  ]);
});
