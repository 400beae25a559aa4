import * as v from "../../deps/valibot.ts";
import { type Data, readDocument } from "../core/document/document.ts";
import { ManyProblems } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { byPosition, formatProblem, type Path, pathText, type Problem } from "../core/problem.ts";
import { Secret } from "../core/secret.ts";
import { configSchema, LOST_SECRET, PLAIN_SECRET, SECRET_KEYS } from "./schema.ts";
import type { Config } from "./types.ts";

/** A config file that cannot be used, with everything that is wrong with it. */
export class InvalidConfig extends ManyProblems<Problem> {
  override readonly name = "InvalidConfig";

  /** @param problems All problems, in order. */
  constructor(problems: readonly Problem[]) {
    const lines = problems.map(formatProblem);
    const hints = new Set(problems.flatMap(({ hint }) => hint ?? []));
    super(
      "USAGE",
      lines.length === 1
        ? lines.join("")
        : `the config file has ${lines.length} problems\n  ${lines.join("\n  ")}`,
      problems,
      {
        hint: hints.size === 0 ? undefined : [...hints].join("; "),
        remedies: problems.flatMap(({ remedies = [] }) => remedies),
      },
    );
  }
}

/** A value of a config file: a text, a decrypted one, or keys with values. */
export type ConfigTree = string | Secret | null | ConfigTree[] | { [key: string]: ConfigTree };

/** The parts of a valibot schema that say which keys there are. */
interface Nesting {
  readonly type: string;
  /** Of a mapping with known keys. */
  readonly entries?: Readonly<Record<string, Nesting>>;
  /** Of a mapping with the user's own keys. */
  readonly value?: Nesting;
  /** Of an optional value. */
  readonly wrapped?: Nesting;
}

/**
 * Reads a config file.
 *
 * @param text As it is on the disk.
 * @param file What messages call it.
 * @param decrypted What its encrypted values hold, by dotted path.
 * @throws {InvalidConfig} With everything that is wrong, each with its place.
 */
export function parseConfig(
  text: string,
  file: string,
  decrypted: ReadonlyMap<string, Secret> = new Map(),
): Config {
  // Nothing written is nothing configured.
  if (text.replaceAll(/^\s*#.*$/gm, "").trim() === "") return { contexts: {} };
  const { data, problems, places } = readDocument(text);
  const inFile = (problem: Problem): Problem => ({ ...problem, file });
  if (data === undefined || problems.length > 0) throw new InvalidConfig(problems.map(inFile));
  const tree = withSecrets(data, decrypted);
  const found = configProblems(tree, file).map(({ at, atKey, ...problem }) => ({
    ...problem,
    ...(atKey ? places.keyPositionOf(at) : places.positionOf(at)),
    file,
  }));
  if (found.length > 0) throw new InvalidConfig(found.sort(byPosition));
  return v.parse(configSchema, tree);
}

/** A problem together with the path of its value. */
export interface ConfigProblem extends Problem {
  readonly at: Path;
  /** True if it concerns the key and not the value. */
  readonly atKey?: boolean;
}

/**
 * Everything that is wrong with the values of a config file.
 *
 * @param file What the hints call it.
 */
export function configProblems(tree: ConfigTree, file: string): ConfigProblem[] {
  const result = v.safeParse(configSchema, tree);
  const issues = result.issues ?? [];
  const problems = issues.map((issue, index) => {
    // One hint will do: encrypting one secret encrypts them all.
    const first = issues.findIndex(({ message }) => message === issue.message) === index;
    return problemOf(issue, first ? hintFor(issue, file) : undefined);
  });
  if (!result.success) return problems;
  const { current_context: current, contexts } = result.output;
  const names = Object.keys(contexts);
  for (const name of names.filter((name) => !/^[A-Za-z0-9][\w.-]*$/.test(name))) {
    problems.push(problem(["contexts", name], "must have a name of letters, digits, _ . and -"));
  }
  if (current !== undefined && !names.includes(current)) {
    const meant = nearest(current, names);
    const known = meant === undefined ? "" : `; did you mean ${meant}?`;
    problems.push(problem(["current_context"], `names no context of this file${known}`));
  }
  return problems;
}

function pathOf(issue: v.BaseIssue<unknown>): string[] {
  return (issue.path ?? []).map(({ key }) => String(key));
}

function hintFor(issue: v.BaseIssue<unknown>, file: string): string | undefined {
  if (issue.message === PLAIN_SECRET) {
    return `encrypt the file (sops encrypt --in-place --encrypted-regex '${SECRET_KEYS}' ${file}), ` +
      "and replace the secret if others could read it";
  }
  if (issue.message !== LOST_SECRET) return undefined;
  return "take back the whole file as sops wrote it, or take the value out and set it again";
}

function problemOf(issue: v.BaseIssue<unknown>, hint: string | undefined): ConfigProblem {
  const path = pathOf(issue);
  if (issue.type === "strict_object" && issue.expected === "never") {
    return { ...problem(path, `is not a key${suggestion(path)}`), atKey: true };
  }
  if (issue.type === "strict_object" || issue.type === "record") {
    return problem(path, "must be a mapping of keys to values");
  }
  const remedies = issue.message === PLAIN_SECRET
    ? { remedies: [{ kind: "set-secret", path: pathText(path) } as const] }
    : {};
  return { ...problem(path, issue.message, hint), ...remedies };
}

function problem(at: Path, says: string, hint?: string): ConfigProblem {
  const path = pathText(at);
  return { at, path, message: `${path || "the config file"} ${says}`, ...(hint && { hint }) };
}

function suggestion(path: readonly string[]): string {
  return `; ${otherKey(path)}`;
}

/** Suggestion for a path that does not end in a key. */
function otherKey(path: readonly string[]): string {
  const siblings = keysAt(path.slice(0, -1));
  const meant = nearest(path.at(-1) ?? "", siblings);
  return meant === undefined ? `here are ${siblings.join(", ")}` : `did you mean ${meant}?`;
}

/** Suggestion for a path whose last part is not a key; undefined if it may be one. */
export function meantKey(path: Path): string | undefined {
  const names = path.map(String);
  const siblings = keysAt(names.slice(0, -1));
  const isKey = siblings.length === 0 || siblings.includes(names.at(-1) ?? "");
  return isKey ? undefined : otherKey(names);
}

/** The keys that may stand below a path. */
function keysAt(path: readonly string[]): string[] {
  let at: Nesting | undefined = configSchema;
  for (const key of path) {
    at = at && inner(at);
    at = at?.entries?.[key] ?? at?.value;
  }
  return Object.keys((at && inner(at))?.entries ?? {});
}

function inner(schema: Nesting): Nesting {
  return schema.wrapped === undefined ? schema : inner(schema.wrapped);
}

/** The data with a Secret at each encrypted value, and without empty ones and what sops wrote. */
function withSecrets(data: Data, decrypted: ReadonlyMap<string, Secret>): ConfigTree {
  const visit = (value: Data, path: Path): ConfigTree => {
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (typeof value !== "object" || value === null) return decrypted.get(pathText(path)) ?? value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, child]) => child !== null && !(path.length === 0 && key === "sops"))
        .map(([key, child]) => [key, visit(child, [...path, key])]),
    );
  };
  return visit(data, []);
}

/** True if a path leads to a secret. */
export function isSecretPath(path: Path): boolean {
  return new RegExp(SECRET_KEYS).test(String(path.at(-1)));
}

/** True if a file says itself that its secrets are not encrypted: `encryption: none`. */
export function isPlainByChoice(text: string): boolean {
  return /^encryption:/m.test(text) && readDocument(text).data?.["encryption"] === "none";
}

/** The secrets of a file that stand in the clear, by dotted path. */
export function plainSecrets(text: string): Map<string, Secret> {
  const found = new Map<string, Secret>();
  const visit = (value: Data, path: Path): void => {
    if (typeof value === "string") {
      const isPlain = isSecretPath(path) && value !== "" && !value.startsWith("ENC[");
      if (isPlain) found.set(pathText(path), new Secret(value));
    } else if (value !== null) {
      for (const [key, child] of Object.entries(value)) visit(child, [...path, key]);
    }
  };
  visit(readDocument(text).data ?? {}, []);
  return found;
}
