import { Document, isMap } from "../../../deps/yaml.ts";
import type { Path } from "../../core/problem.ts";
import { reveal, Secret } from "../../core/secret.ts";
import { DEFAULTS } from "../schema/defaults.ts";
import { EnvValue, variableFor } from "../schema/env_value.ts";
import { defaultInterpreter } from "../schema/interpreter.ts";
import { isLiteral } from "../read/substitute.ts";
import type { Container, Provisioning, Recipe } from "../schema/types.ts";

/**
 * A recipe as YAML in its nested form, without what holds by default: read
 * again, it is the same recipe.
 *
 * A secret is never written. One that came from the environment stands as the
 * `${NAME}` that it came from, any other as a `${NAME}` made of its key; only
 * the secret content of a file or script has no such form, and is left out with a comment.
 *
 * @param recipe A complete recipe.
 * @returns YAML that reads as the same recipe.
 *
 * @example There and back
 * ```ts
 * import { formatRecipe, parseRecipe } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const options = { file: "a.yaml", env: {} };
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", options);
 * assert.deepEqual(parseRecipe(formatRecipe(recipe), options).container, recipe.container);
 * ```
 *
 * @category Recipes
 */
export function formatRecipe(recipe: Recipe): string {
  const { version, container, provisioning } = recipe;
  const data = without({
    version,
    container: containerData(container),
    provisioning: provisioningData(provisioning),
  }, { provisioning: {} });
  const document = new Document(toYaml(data, []));
  for (const list of ["files", "scripts"] as const) {
    for (const [index, { content }] of provisioning[list].entries()) {
      const item = document.getIn(["provisioning", list, index], true);
      if (content instanceof Secret && isMap(item)) {
        item.commentBefore = " its content is secret, and not written here";
      }
    }
  }
  return document.toString({ lineWidth: 0 });
}

function containerData(container: Container): Record<string, unknown> {
  const { resources, network, features } = container;
  const interfaces = network.length === 1 ? network[0] : network;
  return without({
    ...container,
    resources: without(resources, { swap: DEFAULTS.resources.swap }),
    network: interfaces,
    features: without(features, { nesting: container.unprivileged, ...DEFAULTS.features }),
    mount_points: each(container.mount_points, DEFAULTS.mount_point),
    devices: each(container.devices, DEFAULTS.device),
  }, { ...DEFAULTS.container, features: {} });
}

function provisioningData(provisioning: Provisioning): Record<string, unknown> {
  const { docker, tailscale } = provisioning;
  const installed = docker && without(docker, DEFAULTS.docker);
  const joined = tailscale && without(tailscale, DEFAULTS.tailscale);
  return without({
    ...provisioning,
    users: each(provisioning.users, DEFAULTS.user),
    files: each(provisioning.files, DEFAULTS.file),
    docker: installed && (Object.keys(installed).length === 0 ? true : installed),
    tailscale: joined && (Object.keys(joined).length === 0 ? true : joined),
    scripts: provisioning.scripts.map((script, index) =>
      without(script, {
        ...DEFAULTS.script,
        name: `script-${index + 1}`,
        interpreter: script.content && defaultInterpreter(reveal(script.content)),
      })
    ),
  }, DEFAULTS.provisioning);
}

/** An object without the keys that hold what they would hold anyway. */
function without(
  object: object,
  defaults: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([key, value]) =>
      value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[key])
    ),
  );
}

function each(
  items: readonly object[],
  defaults: Readonly<Record<string, unknown>>,
): Record<string, unknown>[] {
  return items.map((item) => without(item, defaults));
}

/** Texts as they must stand in a file, so that reading them gives the same again. */
function toYaml(value: unknown, path: Path): unknown {
  if (value instanceof Secret) return isLiteral(path) ? undefined : referenceTo(value, path);
  if (typeof value === "string") {
    return isLiteral(path) ? value : value.replaceAll("${", () => "$${");
  }
  if (Array.isArray(value)) return value.map((item, index) => toYaml(item, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, toYaml(inner, [...path, key])])
      .filter(([, inner]) => inner !== undefined),
  );
}

function referenceTo(secret: Secret, path: Path): string {
  return secret instanceof EnvValue ? secret.reference : `\${${variableFor(path)}}`;
}
