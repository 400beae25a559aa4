import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { parseRecipe } from "./parse.ts";

const container = { hostname: "a", template: "debian-13" };

/** The paths of all problems of an object. */
function problems(object: Record<string, unknown>): string[] {
  try {
    parseRecipe(object);
  } catch (error) {
    if (error instanceof InvalidRecipe) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

Deno.test("parseRecipe() reads an object as the file with the same keys", () => {
  const object = {
    version: "1.0",
    container: {
      ...container,
      vmid: 105,
      node: undefined,
      resources: { cores: 2, memory: "2G" },
      network: { ip: "10.0.0.5/24" },
      tags: ["web"],
      start_on_boot: true,
    },
    provisioning: { docker: true, packages: ["curl"] },
  };
  const { origin: _, ...fromText } = parseRecipe(JSON.stringify(object), { file: "a.yaml" });
  assert.deepEqual(parseRecipe(object), fromText);
});

Deno.test("parseRecipe() names every problem of an object by its key", () => {
  const found = problems({
    container: { ...container, hostname: "a_b", coers: 2 },
    provisioning: { scripts: [{ content: () => 1 }] },
  });
  for (const path of ["container.hostname", "container.coers", "provisioning.scripts[0].content"]) {
    assert.ok(found.includes(path), `${path} in ${found}`);
  }
});

Deno.test("parseRecipe() takes a Secret of an object, and refuses a literal one", () => {
  const scripts = (PASSWORD: unknown) => ({
    container,
    provisioning: { scripts: [{ content: "true", environment: { PASSWORD } }] },
  });
  const recipe = parseRecipe(scripts(new Secret("${not a variable}")));
  const given = recipe.provisioning.scripts[0]?.environment["PASSWORD"];
  assert.ok(given instanceof Secret);
  assert.equal(given.reveal(), "${not a variable}");
  assert.deepEqual(problems(scripts("hunter2")), [
    "provisioning.scripts[0].environment.PASSWORD",
  ]);
});

Deno.test("parseRecipe() takes variables of an object from the environment that it is given", () => {
  const object = { container: { ...container, description: "${WHO}" } };
  assert.deepEqual(problems(object), ["container.description"]);
  const { description } = parseRecipe(object, { env: { WHO: "me" } }).container;
  assert.equal(`${description}`, "me");
});

Deno.test("parseRecipe() refuses an object that contains itself", () => {
  const provisioning: Record<string, unknown> = {};
  provisioning["packages"] = [provisioning];
  assert.ok(problems({ container, provisioning }).length > 0);
});
