import { dirname, join, resolve } from "node:path";
import type { World } from "../core/world.ts";
import type { Recipe, Sensitive } from "../recipe/types.ts";
import type { PlanProblem } from "./problem.ts";
import type { StepInputs } from "./provision/build.ts";

/** What was read: path as written in the recipe → bytes, or undefined for no such file. */
export type LocalFiles = Readonly<Record<string, Uint8Array | undefined>>;

/** A key that is no path: from the environment, or a line with its blanks. */
function isLiteral(key: Sensitive): boolean {
  return typeof key !== "string" || /\s/.test(key.trim());
}

/** Public key files, and the sources of files and scripts. */
function localPaths({ provisioning }: Recipe): string[] {
  const { files, scripts, users, ssh_keys } = provisioning;
  const sources = [...files, ...scripts].flatMap((e) => e.source ?? []);
  const keys = [...ssh_keys, ...users.flatMap((user) => user.ssh_keys)]
    .filter((key): key is string => !isLiteral(key));
  return [...new Set([...sources, ...keys])];
}

/** Reads the local files that a recipe names: `~/…` from the home folder, the rest relative to it. */
export async function readLocalFiles(
  recipe: Recipe,
  { files, cwd, home }: Pick<World, "files" | "cwd" | "home">,
): Promise<LocalFiles> {
  const folder = resolve(cwd, dirname(recipe.origin?.file ?? "."));
  const read = await Promise.all(
    localPaths(recipe).map(async (path) => {
      const inHome = path.startsWith("~/") && home !== undefined;
      const full = inHome ? join(home, path.slice(2)) : resolve(folder, path);
      return [path, await files.read(full)] as const;
    }),
  );
  return Object.fromEntries(read);
}

/** What the steps need of the local files, and what is missing of them. */
export function stepInputs(
  recipe: Recipe,
  read: LocalFiles,
): { readonly inputs: StepInputs; readonly problems: readonly PlanProblem[] } {
  const problems: PlanProblem[] = [];
  const missing = (path: string, file: string): void => {
    problems.push({
      code: "NOT_FOUND",
      message: `there is no file ${file}`,
      hint: "paths are relative to the recipe; ~/ is your home folder",
      path,
    });
  };
  const { ssh_keys, users, files, scripts } = recipe.provisioning;
  const keysOf = (list: string, keys: readonly Sensitive[]): Sensitive[] =>
    keys.flatMap((key, i): Sensitive[] => {
      if (isLiteral(key)) return [key];
      const path = String(key);
      const bytes = read[path];
      if (bytes !== undefined) return publicKeys(bytes);
      missing(`provisioning.${list}[${i}]`, path);
      return [];
    });
  const sshKeys = keysOf("ssh_keys", ssh_keys);
  const userKeys = users.map((user, i) => keysOf(`users[${i}].ssh_keys`, user.ssh_keys));
  const sources = new Map<string, Uint8Array>();
  for (const [list, entries] of Object.entries({ files, scripts })) {
    for (const [i, { source }] of entries.entries()) {
      if (source === undefined) continue;
      const bytes = read[source];
      if (bytes === undefined) missing(`provisioning.${list}[${i}].source`, source);
      else sources.set(source, bytes);
    }
  }
  return { inputs: { sshKeys, userKeys, sources }, problems };
}

/** The lines of a public key file, or of an authorized_keys file. */
function publicKeys(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
