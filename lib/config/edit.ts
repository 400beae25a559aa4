import { type Document, isMap, parseDocument } from "../../deps/yaml.ts";
import { isReserved, type Path, pathText } from "../core/problem.ts";
import { reveal, Secret } from "../core/secret.ts";
import { configProblems, type ConfigTree, InvalidConfig } from "./parse_config.ts";

/** A value that a config file is to have. */
export interface ConfigChange {
  readonly path: Path;
  /** Undefined: it is to have none. */
  readonly value: string | Secret | undefined;
}

/** The text of a config file that is not encrypted, with some values changed; comments stay. */
export function editPlain(text: string, changes: readonly ConfigChange[]): string {
  const document: Document = parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({});
  for (const { path, value } of changes) {
    if (value === undefined) {
      if (document.hasIn(path)) document.deleteIn(path);
      continue;
    }
    for (const [index] of path.entries()) {
      const parent = path.slice(0, index);
      // A key without a value would not take keys of its own.
      if (index > 0 && !isMap(document.getIn(parent))) {
        document.setIn(parent, document.createNode({}));
      }
    }
    document.setIn(path, reveal(value));
  }
  return document.toString({ lineWidth: 0 });
}

/**
 * Refuses a change that would make the file invalid.
 *
 * @param contexts The names of the contexts that there are.
 * @throws {InvalidConfig} Without the value.
 */
export function checkChange(
  { path, value }: ConfigChange,
  contexts: readonly string[],
  file: string,
): void {
  const reserved = path.find((part) => isReserved(String(part)));
  if (reserved !== undefined) {
    throw new InvalidConfig([{
      path: pathText(path),
      message: `${reserved} cannot be a key`,
      hint: "choose another name",
    }]);
  }
  if (value === undefined) return;
  const names = Object.fromEntries(contexts.map((name) => [name, {}]));
  const tree: ConfigTree = path[0] === "current_context" ? { contexts: names } : {};
  let at = tree;
  for (const key of path.slice(0, -1)) at = at[key] = {};
  at[path.at(-1) ?? ""] = value;
  const problems = configProblems(tree, file);
  if (problems.length > 0) throw new InvalidConfig(problems);
}

/** The value at a path of a config file; undefined where there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce(
    (at, key) => isBranch(at) && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined,
    tree,
  );
}

/** Every single value at or below a path of a config file. */
export function leavesAt(tree: unknown, below: Path = []): Required<ConfigChange>[] {
  const value = valueAt(tree, below);
  if (typeof value === "string" || value instanceof Secret) return [{ path: below, value }];
  return isBranch(value)
    ? Object.keys(value).flatMap((key) => leavesAt(tree, [...below, key]))
    : [];
}

/** True for what holds values by their keys. */
export function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Secret);
}
