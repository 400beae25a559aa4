import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { endpointOf, readSchema } from "./schema.ts";

const lib = join(import.meta.dirname ?? ".", "../../lib");

/** The sources of the product. */
function* sources(directory: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = join(directory, name);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield path;
  }
}

/** One request that a source names: its method where that stands beside the path. */
interface Named {
  readonly method?: string | undefined;
  readonly path: string;
}

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
const API_PATH = /(["`])(\/(?:access|cluster|nodes|pools|storage|version)\b[^"`\n]*)\1/g;

/** Every path of the API in a source, and the method of those that are given to a client directly. */
function namedIn(source: string): Named[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(API_PATH)].map((match) => {
    const before = code.slice(0, match.index).replace(/\bpath$/, "").trimEnd();
    const direct = /\brest\.(get|post|put|delete)\($/.exec(before)?.[1]?.toUpperCase();
    const variable = /\bconst (\w+) =$/.exec(before)?.[1];
    const used = new RegExp(`\\brest\\.(get|post|put|delete)\\(${variable}\\b`);
    const rest = code.slice(match.index);
    const later = variable === undefined ? undefined : used.exec(rest)?.[1]?.toUpperCase();
    const places = (match[2] ?? "").replace(/\$\{[^}]*\}/g, "100").replace(/content\/$/, "$&a:b");
    return { method: direct ?? later, path: places };
  });
}

Deno.test("readSchema() has every endpoint that the sources name", () => {
  const schema = readSchema();
  const found: string[] = [];
  const absent: string[] = [];
  for (const file of sources(lib)) {
    for (const { method, path } of namedIn(Deno.readTextFileSync(file))) {
      const fits = (verb: string) => endpointOf(schema, verb, path) !== undefined;
      found.push(`${method ?? "?"} ${path}`);
      if (!(method === undefined ? METHODS.some(fits) : fits(method))) {
        absent.push(`${relative(lib, file)}: ${method ?? "any method"} ${path}`);
      }
    }
  }
  assert.deepEqual(absent, []);
  // Else the sources are written in a way that this does not read.
  for (
    const known of [
      "GET /cluster/resources",
      "POST /nodes/100/lxc",
      "PUT /nodes/100/lxc/100/config",
      "DELETE /nodes/100/storage/100/content/a:b",
      "GET /access/permissions",
    ]
  ) assert.ok(found.includes(known), `${known} is not among ${found.join(", ")}`);
});
