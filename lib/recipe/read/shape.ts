import { nearest } from "../../core/nearest.ts";
import { type Path, pathText } from "../../core/problem.ts";
import type { Finding } from "./draft.ts";
import { otherWord } from "./other_words.ts";
import { recipeSchema } from "../schema/schema.ts";
import { FLAT_KEYS } from "../schema/flat_keys.ts";
import { isBranch, type Tree } from "./tree.ts";

/** The parts of a valibot schema that say how values nest. */
interface Nesting {
  readonly type: string;
  /** Of a mapping. */
  readonly entries?: Readonly<Record<string, Nesting>>;
  /** Of a list. */
  readonly item?: Nesting;
  /** Of an optional value. */
  readonly wrapped?: Nesting;
}

/** Problems of a recipe's lists, mappings and keys. */
export interface Shape {
  readonly findings: readonly Finding[];
  /** Values of another kind than they must be; nothing below them is worth a look. */
  readonly broken: readonly Path[];
}

/** Finds every unknown key, and every list or mapping where there should be something else. */
export function checkShape(tree: Tree): Shape {
  const findings: Finding[] = [];
  const broken: Path[] = [];
  const look = (value: Tree, schema: Nesting, path: Path): void => {
    const { type, entries, item, wrapped } = schema;
    if (wrapped !== undefined) return look(value, wrapped, path);
    const isMapping = type === "strict_object" || type === "record";
    if (item === undefined && !isMapping) return;
    if (item !== undefined && Array.isArray(value)) {
      for (const [index, inner] of value.entries()) look(inner, item, [...path, index]);
    } else if (isMapping && isBranch(value)) {
      for (const [key, inner] of Object.entries(entries === undefined ? {} : value)) {
        const here = [...path, key];
        const known = entries !== undefined && Object.hasOwn(entries, key)
          ? entries[key]
          : undefined;
        if (known !== undefined) look(inner, known, here);
        else findings.push({ path: here, atKey: true, says: unknownKey(key, path, schema) });
      }
    } else {
      broken.push(path);
      const must = isMapping ? mappingForm(path) : listForm(path);
      findings.push({ path, says: `is ${kindOf(value)}; it must be ${must}` });
    }
  };
  look(tree, recipeSchema, []);
  return { findings, broken };
}

function kindOf(value: Tree): string {
  if (value === null) return "empty";
  return Array.isArray(value) ? "a list" : isBranch(value) ? "a mapping" : "a single value";
}

function mappingForm(path: Path): string {
  const example = { tailscale: "hostname", docker: "source" }[String(path.at(-1))];
  return example !== undefined
    ? `true, false, or a mapping with keys such as ${example}`
    : "a mapping of keys to values";
}

function listForm(path: Path): string {
  const key = path.at(-1);
  return key === "network"
    ? "a mapping such as { ip: dhcp }, or a list of them"
    : `a list, such as ${key}: [a, b]`;
}

function unknownKey(key: string, parent: Path, schema: Nesting): string {
  const siblings = Object.keys(schema.entries ?? {});
  const extra = parent.length === 1 && parent[0] === "container" ? Object.keys(FLAT_KEYS) : [];
  // The name of another key is no slip of the pen.
  const typo = ALL_KEYS.has(key) ? undefined : nearest(key, [...siblings, ...extra]);
  const meant = otherWord(key, parent) ?? typo;
  if (meant !== undefined) return `is not a key; did you mean ${meant}?`;
  // An item of a list has little to do with the rest of the recipe.
  const elsewhere = parent.some((part) => typeof part === "number") || UNCLEAR.has(key)
    ? undefined
    : KEY_PATHS.find((path) => path.at(-1) === key && (parent.length < 2 || path[0] === parent[0]));
  if (elsewhere !== undefined) return `is not a key; did you mean ${pathText(elsewhere)}?`;
  return `is not a key; here ${siblings.length === 1 ? "is only" : "are"} ${siblings.join(", ")}`;
}

/** Keys that mean something else in every mapping: one of another is not what was meant. */
const UNCLEAR = new Set(["source", "install", "version"]);

/** The paths of all keys that stand outside lists, shortest first. */
const KEY_PATHS: readonly Path[] = [...keyPaths(recipeSchema, [])]
  .sort((a, b) => a.length - b.length);

/** The names of all keys, also within lists. */
const ALL_KEYS: ReadonlySet<string> = new Set(keyNames(recipeSchema));

function keyNames(schema: Nesting): string[] {
  const { wrapped, item, entries = {} } = schema;
  if (wrapped !== undefined) return keyNames(wrapped);
  const own = Object.entries(entries).flatMap(([key, inner]) => [key, ...keyNames(inner)]);
  return item === undefined ? own : [...own, ...keyNames(item)];
}

function* keyPaths(schema: Nesting, path: Path): Generator<Path> {
  if (schema.wrapped !== undefined) return yield* keyPaths(schema.wrapped, path);
  // One network interface may stand without its list.
  if (schema.item !== undefined && path.at(-1) === "network") yield* keyPaths(schema.item, path);
  for (const [key, inner] of Object.entries(schema.entries ?? {})) {
    yield [...path, key];
    yield* keyPaths(inner, [...path, key]);
  }
}
