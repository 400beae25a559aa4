import { PxrunError } from "../core/errors.ts";
import type { PlanProblem } from "../core/problem.ts";
import { formatProblem, type Problem } from "../core/problem.ts";
import { readUtf8, wideEncoding } from "../core/utf8.ts";
import type { Recipe, Sensitive } from "../recipe/schema/types.ts";
import type { StepInputs } from "../provision/build.ts";
import { keyOf, otherThanKey } from "../provision/steps/ssh_keys.ts";

/**
 * Contents that were read: path or address of keys as written in the recipe → bytes, undefined for no such
 * file, or why it cannot be read or a site gave none.
 */
export type LocalFiles = Readonly<Record<string, Uint8Array | PxrunError | undefined>>;

/** A key that is no path: from the environment, or a line with its blanks. */
export function isLiteral(key: Sensitive): boolean {
  return typeof key !== "string" || /\s/.test(key.trim());
}

/**
 * Local files that the steps need, and those that are missing.
 *
 * @param mayBeEmpty Whether a path or an address may hold no key: one that was not read.
 */
export function stepInputs(
  recipe: Recipe,
  read: LocalFiles,
  mayBeEmpty: (path: string) => boolean = () => false,
): { readonly inputs: StepInputs; readonly problems: readonly PlanProblem[] } {
  const problems: PlanProblem[] = [];
  const missing = (path: string, file: string, why: LocalFiles[string] = read[file]): void => {
    problems.push(
      why instanceof PxrunError
        ? {
          code: why.code,
          message: why.code === "INVALID_RECIPE" ? `${path}: ${why.message}` : why.message,
          hint: why.hint,
          path,
        }
        : {
          code: "NOT_FOUND",
          message: `file ${file} not found`,
          hint: "paths are relative to the recipe; ~/ is your home directory",
          path,
        },
    );
  };
  const { ssh_keys, users, files, scripts } = recipe.provisioning;
  const keysOf = (list: string, keys: readonly Sensitive[]): Sensitive[] =>
    keys.flatMap((key, i): Sensitive[] => {
      if (isLiteral(key)) return [key];
      const path = String(key);
      const bytes = read[path];
      const lines = bytes instanceof Uint8Array ? publicKeys(path, bytes) : bytes;
      if (!Array.isArray(lines)) missing(`provisioning.${list}[${i}]`, path, lines);
      else if (lines.length > 0 || mayBeEmpty(path)) return lines;
      else missing(`provisioning.${list}[${i}]`, path, noKey(path));
      return [];
    });
  const sshKeys = keysOf("ssh_keys", ssh_keys);
  const userKeys = users.map((user, i) => keysOf(`users[${i}].ssh_keys`, user.ssh_keys));
  const sources = new Map<string, Uint8Array>();
  for (const [list, entries] of Object.entries({ files, scripts })) {
    for (const [i, { source }] of entries.entries()) {
      if (source === undefined) continue;
      const bytes = read[source];
      const path = `provisioning.${list}[${i}].source`;
      if (!(bytes instanceof Uint8Array)) {
        missing(path, source);
        continue;
      }
      const problem = list === "scripts" ? scriptProblem(source, bytes) : undefined;
      if (problem === undefined) sources.set(source, bytes);
      else missing(path, source, problem);
    }
  }
  return { inputs: { sshKeys, userKeys, sources }, problems };
}

/** The lines of a public key file, or of an authorized_keys file; an error where it is none. */
function publicKeys(file: string, bytes: Uint8Array): string[] | PxrunError {
  const text = readUtf8(bytes);
  if (typeof text !== "string") return unusable(file, text);
  const keys: string[] = [];
  for (const [index, untrimmed] of text.split(/\r\n?|\n/).entries()) {
    const line = untrimmed.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (keyOf(line) === undefined) {
      const { is, hint } = otherThanKey(line);
      const message = `this is ${is}`;
      return unusable(file, { path: "", message, hint, line: index + 1, column: 1 });
    }
    keys.push(line);
  }
  return keys;
}

/** Without a warning, no one could log in afterwards. */
function noKey(file: string): PxrunError {
  return new PxrunError("INVALID_RECIPE", `there is no public key in ${file}`, {
    hint: "`ssh-keygen -y -f KEY` prints the public key of a private one",
  });
}

/** A script is text; in UTF-16 no interpreter can read it. */
function scriptProblem(file: string, bytes: Uint8Array): PxrunError | undefined {
  const wide = wideEncoding(bytes);
  return wide === undefined ? undefined : unusable(file, {
    path: "",
    message: `the script is ${wide}; save it as UTF-8`,
    line: 1,
    column: 1,
  });
}

function unusable(file: string, { hint, ...problem }: Problem): PxrunError {
  return new PxrunError("INVALID_RECIPE", formatProblem({ ...problem, file }), { hint });
}
