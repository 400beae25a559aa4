import { dirname, join, resolve } from "node:path";
import { PxrunError } from "../../core/errors.ts";
import type { Platform } from "../../core/platform.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import { fetchKeys, isUrl } from "./remote_keys.ts";
import { isLiteral, type LocalFiles } from "../../plan/step_inputs.ts";

/** Public key files, and the sources of files and scripts. */
function localPaths({ provisioning }: Recipe): string[] {
  const { files, scripts, users, ssh_keys } = provisioning;
  const sources = [...files, ...scripts].flatMap((e) => e.source ?? []);
  const keys = [...ssh_keys, ...users.flatMap((user) => user.ssh_keys)]
    .filter((key): key is string => !isLiteral(key));
  return [...new Set([...sources, ...keys])];
}

/**
 * Reads the local files that a recipe names: `~/…` from the home directory, the rest relative to
 * it. Keys at an address are fetched, too.
 *
 * @param isRead Whether a path or an address is read; the others count as empty.
 */
export async function readLocalFiles(
  recipe: Recipe,
  { files, cwd, home, fetch, clock }: Pick<Platform, "files" | "cwd" | "home" | "fetch" | "clock">,
  signal?: AbortSignal,
  isRead: (path: string) => boolean = () => true,
): Promise<LocalFiles> {
  const directory = recipeDirectory(recipe, { cwd });
  const read = await Promise.all(
    localPaths(recipe).map(async (path) => {
      if (!isRead(path)) return [path, new Uint8Array()] as const;
      if (isUrl(path)) {
        return [path, await fetchKeys(path, { fetch, clock }, signal).catch(asProblem)] as const;
      }
      const inHome = path.startsWith("~/") && home !== undefined;
      const full = inHome ? join(home, path.slice(2)) : resolve(directory, path);
      return [path, await files.read(full).catch(asProblem)] as const;
    }),
  );
  return Object.fromEntries(read);
}

/** Files as they were read for the plan: its create installs these, also if one has changed since. */
const planned = new WeakMap<Recipe, LocalFiles>();

/** As {@linkcode readLocalFiles}, and keeps it for the create of the same recipe. */
export async function readForPlan(
  recipe: Recipe,
  platform: Pick<Platform, "files" | "cwd" | "home" | "fetch" | "clock">,
  signal?: AbortSignal,
): Promise<LocalFiles> {
  const read = await readLocalFiles(recipe, platform, signal);
  planned.set(recipe, read);
  return read;
}

/** Contents as read when the recipe was planned; read again if that was elsewhere. */
export async function readAsPlanned(
  recipe: Recipe,
  platform: Pick<Platform, "files" | "cwd" | "home" | "fetch" | "clock">,
  signal?: AbortSignal,
): Promise<LocalFiles> {
  return planned.get(recipe) ?? await readLocalFiles(recipe, platform, signal);
}

/** Directory to which the paths of a recipe are relative. */
export function recipeDirectory({ origin }: Recipe, { cwd }: Pick<Platform, "cwd">): string {
  return resolve(cwd, dirname(origin?.file ?? "."));
}

function asProblem(error: unknown): PxrunError {
  if (error instanceof PxrunError && error.code !== "INTERRUPTED") return error;
  throw error;
}
