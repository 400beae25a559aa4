import * as v from "../../../deps/valibot.ts";
import { type LocatedDocument, readDocument } from "../../core/document/document.ts";
import { byPosition, isPrefix, type Path, pathText, type Problem } from "../../core/problem.ts";
import type { Secret } from "../../core/secret.ts";
import type { Env } from "../../core/platform.ts";
import { crossChecks } from "./checks.ts";
import { Draft, type Finding, findingOf, type Where } from "./draft.ts";
import { EncryptedValue } from "../schema/env_value.ts";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { applyDefaults, applyOverrides, numbered, type Override } from "./overrides.ts";
import { secretsInText, secretsInValues } from "./plain_secrets.ts";
import { originOf, Provenance, sourcesOf } from "./provenance.ts";
import { recipeSchema } from "../schema/schema.ts";
import { checkShape } from "./shape.ts";
import { type Clash, spell } from "./spelling.ts";
import { treeOf } from "./object.ts";
import { substitute } from "./substitute.ts";
import { type Branch, isBranch, leaves, mapLeaves } from "./tree.ts";
import type { Recipe } from "../schema/types.ts";

/**
 * The keys of a recipe as a plain object: those of a file, with texts, numbers, booleans, Secrets.
 *
 * @category Recipes
 */
export type RecipeObject = Readonly<Record<string, unknown>>;

/**
 * Options for reading a recipe.
 *
 * @category Recipes
 */
export interface ParseOptions {
  /** The name of the file, for messages and {@linkcode Recipe.origin}. */
  readonly file?: string;
  /**
   * The source of `${NAME}` (default: an empty environment). Undefined: nothing is looked up,
   * which is enough to check a recipe but not to use it, for values that depend on it are
   * placeholders.
   */
  readonly env?: Env | undefined;
  /** Values that win over the file's, in order. */
  readonly overrides?: readonly Override[] | undefined;
  /** Values for what neither the file nor {@linkcode overrides} gives. */
  readonly defaults?: readonly Override[] | undefined;
  /**
   * Number that replaces `{n}` in the hostname, for one of several of a kind; `any` is enough to
   * check a recipe that may be meant for several.
   */
  readonly number?: number | "any" | undefined;
  /** Decrypted values of the file, by their dotted paths. */
  readonly decrypted?: ReadonlyMap<string, Secret> | undefined;
}

/**
 * Reads a recipe: YAML or a plain object in any accepted spelling becomes one complete
 * {@linkcode Recipe}, or every problem that it has.
 *
 * @param source The recipe's YAML, or an object with its keys.
 * @param options The file's name, the environment, and what wins over the recipe.
 * @returns The recipe, complete with every default.
 * @throws {InvalidRecipe} With all problems, each located in the file or named by its key or flag.
 *
 * @example The smallest recipe, and one with two mistakes
 * ```ts
 * import { InvalidRecipe, parseRecipe } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const options = { file: "a.yaml", env: {} };
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", options);
 * assert.equal(recipe.container.resources.memory, 1024);
 * assert.throws(() => parseRecipe("container: { hostnam: a }", options), InvalidRecipe);
 * ```
 *
 * @example A plain object
 * ```ts
 * import { parseRecipe } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const recipe = parseRecipe({
 *   container: { hostname: "a", template: "debian-13", network: { ip: "10.0.0.5/24" } },
 *   provisioning: { docker: true },
 * });
 * assert.equal(recipe.container.network[0]?.ip, "10.0.0.5/24");
 * ```
 *
 * @category Recipes
 */
export function parseRecipe(source: string | RecipeObject, options: ParseOptions = {}): Recipe {
  const given = "env" in options ? options : { ...options, env: {} };
  if (typeof source === "string") return parseText(source, given);
  const { tree, found } = treeOf(source);
  return complete(tree, { ...given, found }).recipe;
}

function parseText(text: string, options: ParseOptions): Recipe {
  const { file = "the recipe", decrypted } = options;
  const document = readDocument(text);
  const { data, problems } = document;
  if (data === undefined) throw new InvalidRecipe(file, problems);
  const isEncrypted = Object.hasOwn(data, "sops");
  if (isEncrypted && decrypted === undefined) {
    throw new InvalidRecipe(file, [notDecrypted(document)]);
  }
  const clear = isEncrypted && decrypted ? withDecrypted(data, decrypted) : data;
  const found = [
    ...problems,
    ...secretsInText(text, document),
    ...(isEncrypted ? [] : orphans(data, document)),
  ];
  const { recipe, written } = complete(clear, { ...options, file, document, text, found });
  const { sources: _, ...values } = recipe;
  return { ...recipe, origin: originOf(values, file, document, written) };
}

/**
 * Makes a recipe of flags or answers alone.
 *
 * @throws {InvalidRecipe} With all problems, each named by its flag.
 */
export function recipeFromOverrides(
  overrides: readonly Override[],
  options: Pick<ParseOptions, "env" | "defaults" | "number">,
): Recipe {
  const { env, defaults, number } = options;
  return complete({}, { env, overrides, defaults, number }).recipe;
}

interface Source extends ParseOptions {
  readonly document?: LocatedDocument;
  /** The text of that document, in which secrets were searched already. */
  readonly text?: string;
  /** Problems that are known already. */
  readonly found?: readonly Problem[];
}

/** Data in any spelling becomes a checked recipe with its defaults. */
function complete(
  data: Branch,
  { file, env, overrides = [], defaults = [], number, document, text, found = [] }: Source,
): { recipe: Recipe; written: (path: Path) => Path } {
  const first = spell(data);
  const { tree, set, refused } = applyOverrides(first.tree, overrides);
  // A flag may have set a part that has other spellings, such as the whole network.
  const second = spell(tree);
  const filled = applyDefaults(second.tree, defaults);
  const replaced = substitute(numbered(filled.tree, number), env);
  const provenance = new Provenance(document, first, [...set, ...filled.set], second);
  const draft = new Draft(replaced.tree, provenance);
  const checked = check(draft);
  const problems = [
    ...found,
    ...first.clashes.map((clash) => told(clash, provenance.locateInFile(clash.path, true))),
    ...second.clashes.map((clash) => told(clash, provenance.locateKey(clash.path))),
    ...refused.map(({ override: { path, source }, message }) => ({ path, message, source })),
    ...[
      ...secretsInValues(
        { ...anchorsOf(data), ...second.tree },
        (path, secret) =>
          text === undefined || provenance.isFromFlag(path) || !text.includes(secret),
      ),
      ...replaced.findings,
      ...checked.findings,
    ].map((finding) => draft.problem(finding)),
  ];
  if (problems.length > 0 || checked.recipe === undefined) {
    throw new InvalidRecipe(file, withoutRepeats(problems));
  }
  const sources = sourcesOf(checked.recipe, (path, atKey) => provenance.locate(path, atKey));
  const recipe = Object.keys(sources).length === 0
    ? checked.recipe
    : { ...checked.recipe, sources };
  return { recipe, written: (path) => provenance.written(path) };
}

function check(draft: Draft): { findings: Finding[]; recipe: Recipe | undefined } {
  const shape = checkShape(draft.tree);
  const result = v.safeParse(recipeSchema, draft.tree);
  const below = (path: Path): boolean => shape.broken.some((broken) => isPrefix(broken, path));
  const issues = (result.issues ?? []).flatMap((issue) => findingOf(issue, draft) ?? [])
    .filter(({ path }) => !below(path));
  return {
    findings: [...shape.findings, ...issues, ...crossChecks(draft)],
    recipe: result.success ? result.output : undefined,
  };
}

/** The x- keys: they hold only anchors, but no secrets either. */
function anchorsOf(data: Branch): Branch {
  return Object.fromEntries(Object.entries(data).filter(([key]) => key.startsWith("x-")));
}

function told({ path, message }: Clash, where: Where): Problem {
  return { path: pathText(path), message, ...where };
}

function notDecrypted(document: LocatedDocument): Problem {
  return {
    path: "sops",
    message: "the recipe is encrypted with sops, and was not decrypted",
    hint: "a script reads it with loadRecipe, which decrypts it",
    ...document.places.keyPositionOf(["sops"]),
  };
}

/** Encrypted values that nothing can decrypt, since the part that sops wrote was taken away. */
function orphans(data: Branch, document: LocatedDocument): Problem[] {
  return [...leaves(data)]
    .filter(({ value }) => typeof value === "string" && /^ENC\[AES256_GCM,.*\]$/.test(value))
    .map(({ path }) => ({
      path: pathText(path),
      message: `${pathText(path)} is encrypted, but the sops: part of the file is missing`,
      hint: "take the file as sops wrote it",
      ...document.places.positionOf(path),
    }));
}

/** The recipe without what sops keeps in it, and with what its encrypted values hold. */
function withDecrypted(data: Branch, decrypted: ReadonlyMap<string, Secret>): Branch {
  const { sops: _, ...recipe } = data;
  const tree = mapLeaves(recipe, (value, path) => {
    const secret = decrypted.get(pathText(path));
    return secret === undefined ? value : new EncryptedValue(secret.reveal());
  });
  return isBranch(tree) ? tree : {};
}

/** In order; what two checks found in one place is reported once. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return [...problems].sort(byPosition).filter(({ source, line, message }) => {
    const kind = /in plain text$/.test(message) ? "secret" : message;
    const key = JSON.stringify([source, line, kind]);
    return !seen.has(key) && seen.add(key);
  });
}
