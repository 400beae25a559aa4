import { dirname, join } from "node:path";
import { checkChange, type ConfigChange, editPlain } from "./edit.ts";
import { isPlainByChoice, plainSecrets } from "./parse_config.ts";
import { SECRET_KEYS } from "./schema.ts";
import { PxrunError } from "../core/errors.ts";
import { encrypt, isEncrypted, setValue, unsetValue } from "../secrets/mod.ts";
import type { ConfigPlatform, OpenConfig } from "./open_context.ts";

/**
 * Changes values of a config file and leaves the rest as it is. Where there is a secret, it is
 * encrypted before it comes near the disk, unless the file says that it holds plain ones; the file
 * is replaced as a whole, with mode 0600.
 *
 * @param opened The file as it was read; it need not be there yet.
 * @param signal Ends sops; nothing is changed then.
 * @throws {PxrunError} When a value does not fit, sops refuses, or the file was changed meanwhile.
 */
export async function changeConfig(
  platform: ConfigPlatform,
  { file, text: before, config }: OpenConfig,
  changes: readonly ConfigChange[],
  signal?: AbortSignal,
): Promise<void> {
  const text = before ?? "";
  const contexts = Object.keys(config.contexts);
  for (const change of changes) {
    const made = changes.flatMap(({ path }) => path[0] === "contexts" ? String(path[1]) : []);
    checkChange(change, [...contexts, ...made], file);
  }
  const changed = isEncrypted(text)
    ? await changeEncrypted(platform, file, text, changes, signal)
    : await encryptSecrets(platform, file, editPlain(text, changes), signal);
  const [clear] = plainSecrets(changed).keys();
  if (clear !== undefined && !isPlainByChoice(changed)) {
    throw new PxrunError(
      "FAILED",
      `cannot change ${file}: sops would leave ${clear} in the clear`,
      {
        hint:
          `its encrypted_regex must cover ${SECRET_KEYS}; \`sops decrypt\` it, and encrypt it again`,
      },
    );
  }
  await platform.privateFiles.replace(file, changed, { before });
}

/** One value after another in a copy beside the file, which is ciphertext at every moment. */
async function changeEncrypted(
  { files, privateFiles, run }: ConfigPlatform,
  file: string,
  text: string,
  changes: readonly ConfigChange[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const copy = join(dirname(file), `.pxrun-${crypto.randomUUID()}.yaml`);
  await privateFiles.replace(copy, text);
  try {
    for (const { path, value } of changes) {
      const there = { file: copy, name: file, text };
      if (value === undefined) await unsetValue(run, there, path, signal);
      else await setValue(run, there, path, value, signal);
    }
    return new TextDecoder().decode(await files.read(copy));
  } finally {
    await privateFiles.remove(copy);
  }
}

async function encryptSecrets(
  platform: ConfigPlatform,
  file: string,
  plain: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (plainSecrets(plain).size === 0 || isPlainByChoice(plain)) return plain;
  return await encrypt(platform.run, plain, {
    name: file,
    encryptedRegex: SECRET_KEYS,
    config: await findSopsRules(platform, file),
    signal,
  });
}

/**
 * The `.sops.yaml` for a config file: in its directory or above it. Never the one of the directory
 * that the user happens to be in: it may name other people's keys.
 */
export async function findSopsRules({ env, files }: ConfigPlatform, file: string): Promise<string> {
  if (env["SOPS_CONFIG"]) return env["SOPS_CONFIG"];
  for (let directory = dirname(file);; directory = dirname(directory)) {
    const path = join(directory, ".sops.yaml");
    if (await files.read(path) !== undefined) return path;
    // Nothing named: sops then goes by SOPS_AGE_RECIPIENTS and its like.
    if (dirname(directory) === directory) return env["OS"] === "Windows_NT" ? "NUL" : "/dev/null";
  }
}
