import { resolve } from "node:path";
import { PxrunError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { readUtf8 } from "../core/utf8.ts";
import type { Platform } from "../core/platform.ts";
import { InvalidRecipe } from "../recipe/read/invalid_recipe.ts";
import type { Override, Recipe } from "../recipe/mod.ts";
import { parseRecipe } from "../recipe/read/parse.ts";

/**
 * Options for reading a recipe file.
 *
 * @category Recipes
 */
export interface LoadOptions {
  /** True if every `${NAME}` must be set; it must when absent. */
  readonly requireEnv?: boolean;
  /** Overrides of the file: see `parseSet` and `flagOverrides`. */
  readonly overrides?: readonly Override[];
  /** Values for what neither the file nor {@linkcode overrides} gives. */
  readonly defaults?: readonly Override[];
  /** Ends the decryption, which may be asking for a passphrase. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a recipe from a file, or from standard input for `-`. One with a top-level
 * `sops:` key is decrypted in memory by sops.
 *
 * @param platform The machine's ports.
 * @param file Its path, absolute or relative to the working directory.
 * @param options Whether variables must be set, and what wins over the file.
 * @returns The recipe, complete with every default.
 * @throws {InvalidRecipe} With all of its problems, each with file:line:column.
 * @throws {PxrunError} NOT_FOUND when there is no such file, UNAUTHORIZED without the key of an
 * encrypted one, UNTRUSTED when it was changed outside sops.
 *
 * @example From the examples
 * ```ts
 * import { denoPlatform, loadRecipe } from "@pxrun/pxrun";
 * import assert from "node:assert/strict";
 *
 * const recipe = await loadRecipe(denoPlatform(), "examples/web.yaml");
 * assert.equal(recipe.container.hostname, "web-1");
 * ```
 *
 * @category Recipes
 */
export async function loadRecipe(
  platform: Platform,
  file: string,
  options: LoadOptions = {},
): Promise<Recipe> {
  const [recipe] = await loadRecipes(platform, file, [undefined], options);
  if (recipe === undefined) throw new TypeError("one recipe was asked for");
  return recipe;
}

/**
 * Reads a recipe for several containers of a kind.
 *
 * @param numbers What `{n}` stands for in the hostname of each; undefined for one that is alone,
 * `any` for one that is only checked.
 */
export async function loadRecipes(
  platform: Platform,
  file: string,
  numbers: readonly (number | "any" | undefined)[],
  options: LoadOptions = {},
): Promise<Recipe[]> {
  const { requireEnv = true, overrides, defaults, signal } = options;
  const name = file === "-" ? "stdin" : file;
  const bytes = file === "-"
    ? await platform.terminal.readStdin()
    : await readBytes(platform, file);
  const text = readUtf8(bytes);
  if (typeof text !== "string") throw new InvalidRecipe(name, [text]);
  const decrypted = await decryptIfNeeded(platform, text, name, signal);
  const env = requireEnv ? platform.env : undefined;
  return numbers.map((number) =>
    parseRecipe(text, { file: name, env, overrides, defaults, number, decrypted })
  );
}

/** Decrypted values; undefined if nothing is encrypted. */
async function decryptIfNeeded(
  { run }: Platform,
  text: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Secret> | undefined> {
  // Most recipes have no such word in them, and need not wait for what decrypts.
  if (!text.includes("sops")) return undefined;
  const { decrypt, isEncrypted, readMetadata } = await import("../secrets/mod.ts");
  if (!isEncrypted(text)) return undefined;
  if (readMetadata(text).coversOnlyEncrypted) {
    throw new PxrunError(
      "UNTRUSTED",
      `cannot use ${name}: it is encrypted with mac_only_encrypted, so all else in it could be ` +
        "changed unseen",
      { hint: `take mac_only_encrypted out of ${name} and .sops.yaml, in \`sops edit\`` },
    );
  }
  return await decrypt(run, text, name, signal);
}

async function readBytes(platform: Platform, file: string): Promise<Uint8Array> {
  const bytes = await platform.files.read(resolve(platform.cwd, file));
  if (bytes === undefined) {
    throw new PxrunError("NOT_FOUND", `file ${file} not found`, {
      remedies: [{ kind: "write-recipe", file }],
    });
  }
  return bytes;
}
