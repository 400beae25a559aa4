import { dirname, isAbsolute, relative, resolve } from "node:path";
import { commandLine } from "../../../core/argv.ts";
import { PxrunError } from "../../../core/errors.ts";
import type { Platform } from "../../../core/platform.ts";
import { recipeDirectory } from "../../../operations/inspect/local_files.ts";
import { formatRecipe, type Recipe } from "../../../recipe/mod.ts";

/** Makes editors check and complete what is below it. */
const HEADER = "# yaml-language-server: $schema=recipe.schema.json\n";

/**
 * Refuses a file that a recipe cannot be written to, before anything is asked or created.
 *
 * @param force True if a file that exists is overwritten.
 * @throws {PxrunError} ALREADY_EXISTS unless that is so, NOT_FOUND without its directory, FAILED
 * where that is not writable.
 */
export async function refuseUnwritable(
  { files, fileStreams, privateFiles, cwd }: Platform,
  file: string,
  force: boolean,
  hint = "name another file",
): Promise<void> {
  const path = resolve(cwd, file);
  if (await fileStreams.isDirectory(path)) {
    throw new PxrunError("USAGE", `cannot write ${file}: it is a directory`, {
      hint: "name a file in it",
    });
  }
  const directory = dirname(path);
  if (!await fileStreams.isDirectory(directory)) {
    throw new PxrunError("NOT_FOUND", `cannot write ${file}: directory ${directory} not found`, {
      hint: `make it first: ${commandLine(["mkdir", "-p", directory])}`,
    });
  }
  if (await files.read(path) === undefined) return await privateFiles.tryReplace(path);
  if (!force) throw new PxrunError("ALREADY_EXISTS", `file ${file} already exists`, { hint });
}

/** Writes a recipe to a file, and reports which variables it needs. */
export async function saveRecipe(platform: Platform, file: string, recipe: Recipe): Promise<void> {
  const text = recipeText(recipe, platform, dirname(resolve(platform.cwd, file)));
  await platform.files.write(resolve(platform.cwd, file), text);
  const names = new Set(Array.from(text.matchAll(/(?<!\$)\$\{(\w+)\}/g), ([, name]) => name));
  const needs = names.size === 0 ? "" : `; it needs ${[...names].join(", ")} in the environment`;
  platform.terminal.err(`saved the recipe to ${file}${needs}\n`);
}

/**
 * A recipe as a file holds it. Secrets are the variables that they came from.
 *
 * @param directory Directory of the file: local files are named from there.
 */
export function recipeText(
  recipe: Recipe,
  platform: Pick<Platform, "cwd">,
  directory: string,
): string {
  const { provisioning } = recipe;
  const from = recipeDirectory(recipe, platform);
  const moved = (path: string): string =>
    isAbsolute(path) || path.startsWith("~/") || /^\w+:\/\//.test(path)
      ? path
      : relative(directory, resolve(from, path));
  // A key itself has blanks in it.
  const key = <T>(one: T): T | string =>
    typeof one === "string" && !/\s/.test(one.trim()) ? moved(one) : one;
  const source = <T extends { readonly source?: string }>(entry: T): T =>
    entry.source === undefined ? entry : { ...entry, source: moved(entry.source) };
  return HEADER + formatRecipe({
    ...recipe,
    provisioning: {
      ...provisioning,
      ssh_keys: provisioning.ssh_keys.map(key),
      users: provisioning.users.map((user) => ({ ...user, ssh_keys: user.ssh_keys.map(key) })),
      files: provisioning.files.map(source),
      scripts: provisioning.scripts.map(source),
    },
  });
}
