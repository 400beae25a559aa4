import { Interrupted, PxrunError } from "../core/errors.ts";
import { type Path, pathText } from "../core/problem.ts";
import { Secret } from "../core/secret.ts";
import { untilAborted } from "../core/within.ts";
import type { RunProcess } from "../core/platform.ts";
import { encryptedPaths, leafAt, readMetadata, sopsIndex } from "./encrypted_leaves.ts";
import { noSops, sopsFailure, type SopsTask } from "./sops_failure.ts";

/** Decrypted values of a file, by their dotted paths. */
export type DecryptedLeaves = ReadonlyMap<string, Secret>;

/**
 * Decrypts a YAML file that sops encrypted. Its text goes in and comes out through
 * pipes: nothing is written anywhere.
 *
 * @param text The encrypted file.
 * @param name What messages call it.
 * @param signal Ends sops, which may be asking for a passphrase.
 * @throws {PxrunError} UNTRUSTED when it was changed outside sops; UNAUTHORIZED without its key.
 */
export async function decrypt(
  run: RunProcess,
  text: string,
  name: string,
  signal?: AbortSignal,
): Promise<DecryptedLeaves> {
  const task: SopsTask = { verb: "decrypt", name, text };
  const args = ["decrypt", "--input-type", "yaml", "--output-type", "json"];
  const json = parseJson(await sops(run, task, args, text, signal), task);
  const leaves = new Map<string, Secret>();
  for (const path of encryptedPaths(text)) {
    const value = leafAt(json, path);
    if (value === undefined) throw notDecrypted(path, name);
    leaves.set(pathText(path), new Secret(value));
  }
  return leaves;
}

/** Options for encrypting a text. */
export interface EncryptOptions {
  /** The file that it is meant for: rules of `.sops.yaml` go by it. */
  readonly name: string;
  /** Which keys are encrypted, as a regular expression; the MAC covers all of them. */
  readonly encryptedRegex: string;
  /** The `.sops.yaml` that says for whom; without one sops looks for itself. */
  readonly config?: string | undefined;
  /** Ends sops. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Encrypts some values of a YAML text, which goes to sops through a pipe.
 *
 * @returns The encrypted YAML.
 * @throws {PxrunError} FAILED when nothing says for whom, or a rule would leave the file unguarded.
 */
export async function encrypt(
  run: RunProcess,
  plain: string,
  { name, encryptedRegex, config, signal }: EncryptOptions,
): Promise<string> {
  const args = [
    ...(config === undefined ? [] : ["--config", config]),
    "encrypt",
    "--filename-override",
    name,
    "--input-type",
    "yaml",
    "--output-type",
    "yaml",
    "--encrypted-regex",
    encryptedRegex,
  ];
  const encrypted = await sops(run, { verb: "encrypt", name }, args, plain, signal);
  if (readMetadata(encrypted).coversOnlyEncrypted) {
    throw new PxrunError(
      "FAILED",
      `cannot encrypt ${name}: a rule says mac_only_encrypted, which leaves the host unguarded`,
      { hint: "take mac_only_encrypted out of .sops.yaml" },
    );
  }
  return encrypted;
}

/**
 * Sets one value of an encrypted file, which keeps its recipients and all its other values
 * as they are. Only ciphertext is on the disk; the value goes through a pipe.
 *
 * @param file The path of the file that is changed.
 * @param name What messages call it.
 */
export async function setValue(
  run: RunProcess,
  { file, name, text }: { readonly file: string; readonly name: string; readonly text: string },
  path: Path,
  value: string | Secret,
  signal?: AbortSignal,
): Promise<void> {
  const plain = value instanceof Secret ? value.reveal() : value;
  const args = ["set", "--input-type", "yaml", "--output-type", "yaml", "--value-stdin"];
  const task: SopsTask = { verb: "change", name, text };
  await sops(run, task, [...args, file, sopsIndex(path)], JSON.stringify(plain), signal);
}

/** Takes a value, or all below a path, out of an encrypted file; the rest as with {@linkcode setValue}. */
export async function unsetValue(
  run: RunProcess,
  { file, name, text }: { readonly file: string; readonly name: string; readonly text: string },
  path: Path,
  signal?: AbortSignal,
): Promise<void> {
  const args = ["unset", "--input-type", "yaml", "--output-type", "yaml"];
  await sops(run, { verb: "change", name, text }, [...args, file, sopsIndex(path)], "", signal);
}

async function sops(
  run: RunProcess,
  task: SopsTask,
  args: readonly string[],
  stdin: string,
  signal?: AbortSignal,
): Promise<string> {
  signal?.throwIfAborted();
  const running = run("sops", args, { stdin, ...(signal && { signal }) });
  // What sops has started may hold its output open for longer.
  const result = await untilAborted(running, signal);
  if (result === undefined) throw noSops(task);
  // Ctrl-C goes to sops as well, and its end may be seen first.
  if (result.code === 130) throw new Interrupted(`sops, which was to ${task.verb} ${task.name},`);
  if (result.code !== 0) throw sopsFailure(task, result);
  return new TextDecoder().decode(result.stdout);
}

/** Numbers stay as they are written: a password of 20 digits is more than a number holds. */
function parseJson(text: string, task: SopsTask): unknown {
  try {
    return JSON.parse(
      text,
      (_, value, context?: { readonly source?: string }) =>
        typeof value === "number" || typeof value === "boolean"
          ? context?.source ?? String(value)
          : value,
    );
  } catch {
    // What JSON.parse says quotes the text.
    throw sopsFailure(task, { code: 0, stderr: new Uint8Array() });
  }
}

function notDecrypted(path: Path, name: string): PxrunError {
  return new PxrunError("FAILED", `cannot decrypt ${name}: sops left out ${pathText(path)}`, {
    hint: "update sops",
  });
}

/**
 * Lets the user edit a file in their editor by `sops edit`, which keeps a temporary file in the
 * clear meanwhile.
 *
 * @param text The encrypted file.
 */
export async function editFile(run: RunProcess, file: string, text: string): Promise<void> {
  const task: SopsTask = { verb: "edit", name: file, text };
  const result = await run("sops", ["edit", file], { terminal: true });
  if (result === undefined) throw noSops(task);
  // 200: saved as it was.
  if (result.code !== 0 && result.code !== 200) throw sopsFailure(task, result);
}
