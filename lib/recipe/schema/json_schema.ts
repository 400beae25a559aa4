import { toJsonSchema } from "../../../deps/to_json_schema.ts";
import { recipeSchema } from "./schema.ts";
import { FLAT_KEYS, HOISTED_KEYS } from "./flat_keys.ts";

/** A JSON Schema, or a part of one. */
export interface JsonSchema {
  [keyword: string]: unknown;
  properties?: Record<string, JsonSchema>;
}

/**
 * The JSON Schema of a recipe file, for editors: the nested form from the schema
 * that recipes are checked with, and beside it the other accepted spellings.
 *
 * @returns A schema of draft 07, as editors take it.
 *
 * @example Its name
 * ```ts
 * import { recipeJsonSchema } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * assert.equal(recipeJsonSchema()["title"], "pxrun recipe");
 * ```
 *
 * @category Recipes
 */
export function recipeJsonSchema(): JsonSchema {
  const nested = asObject(toJsonSchema(recipeSchema, { typeMode: "input" }));
  const container = part(nested, "container");
  const provisioning = part(nested, "provisioning");
  const network = part(container, "network");
  const entry: JsonSchema = { ...asObject(network["items"]) };
  const hoisted = pick(container, HOISTED_KEYS);
  const oneInterface = { ...entry, properties: { ...entry.properties, ...hoisted } };
  const docker = part(provisioning, "docker");
  const tailscale = part(provisioning, "tailscale");
  const provision = { description: "Another way to write tailscale: true.", type: "boolean" };
  return withEmpty({
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "pxrun recipe",
    description: "One container of a Proxmox VE cluster, and what is done inside it.",
    ...nested,
    patternProperties: { "^x-": { description: "Free, for anchors." } },
    properties: {
      ...nested.properties,
      container: {
        ...container,
        properties: {
          ...container.properties,
          network: {
            description: network["description"],
            anyOf: [oneInterface, { type: "array", items: oneInterface, minItems: 1 }],
          },
          ...flatKeys(container),
        },
      },
      provisioning: {
        ...provisioning,
        properties: {
          ...provisioning.properties,
          docker: {
            description: docker["description"],
            anyOf: [
              { ...part(docker, "install"), description: "Install Docker." },
              docker,
            ],
          },
          tailscale: {
            description: tailscale["description"],
            anyOf: [
              { type: "boolean" },
              { ...tailscale, properties: { ...tailscale.properties, provision } },
            ],
          },
        },
      },
    },
  });
}

/** A key without a value counts as not written, unless the recipe has to have it. */
function withEmpty(schema: JsonSchema): JsonSchema {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const { properties, items, anyOf } = schema;
  const inner = (one: unknown): JsonSchema => withEmpty(asObject(one));
  return {
    ...schema,
    ...(items !== undefined && { items: inner(items) }),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map(inner) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => {
          const one = inner(value);
          return [key, required.includes(key) ? one : orNull(one)];
        }),
      ),
    }),
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  return type === undefined ? schema : { ...schema, type: [type, "null"].flat() };
}

/** The flat spellings, each with the rules of the key that it stands for. */
function flatKeys(container: JsonSchema): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(FLAT_KEYS).map(([flat, [section = "", ...rest]]) => {
      const outer = part(container, String(section));
      const holder = section === "network" ? asObject(outer["items"]) : outer;
      const { default: _, ...keywords } = part(holder, String(rest.at(-1)));
      const meant = `${section}.${rest.at(-1)}`;
      return [flat, {
        ...keywords,
        description: `The same as ${meant}. ${keywords["description"]}`,
      }];
    }),
  );
}

function part(schema: JsonSchema, key: string): JsonSchema {
  return schema.properties?.[key] ?? {};
}

function pick(schema: JsonSchema, keys: readonly string[]): Record<string, JsonSchema> {
  return Object.fromEntries(keys.map((key) => [key, part(schema, key)]));
}

function asObject(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
