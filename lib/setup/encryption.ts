import { dirname, join } from "node:path";
import { SECRET_KEYS } from "../config/schema.ts";
import { findSopsRules } from "../config/change_config.ts";
import type { ConfigPlatform, OpenConfig } from "../config/open_context.ts";
import { PxrunError } from "../core/errors.ts";
import { decrypt, encrypt, isEncrypted } from "../secrets/mod.ts";

/** Preparation that encrypting the config file needs. */
export interface EncryptionPlan {
  /** The file of the age key, at sops' own place. */
  readonly keyFile: string;
  /** The public half of the key that is there; undefined: it is to be made. */
  readonly recipient: string | undefined;
  /** The `.sops.yaml` to write. */
  readonly rulesFile: string;
}

/** The error where a program that encrypts is not on this machine. */
export class NotInstalled extends PxrunError {
  override readonly name = "NotInstalled";
}

/** Variables by which sops knows for whom to encrypt, without any rules. */
const recipients =
  /^SOPS_(AGE_RECIPIENTS|PGP_FP|KMS_ARN|GCP_KMS_IDS|AZURE_KEYVAULT_URLS|VAULT_URIS)$/;

/**
 * Finds out whether a config file can be encrypted, and read again. Changes nothing.
 *
 * @param system As Node calls it: it decides where sops keeps age keys.
 * @returns The preparation; undefined where all is there.
 * @throws {PxrunError} Without sops, or with rules for the key of another user.
 */
export async function planEncryption(
  platform: ConfigPlatform,
  { file, text }: OpenConfig,
  system: string,
): Promise<EncryptionPlan | undefined> {
  // It was decrypted just now.
  if (text !== undefined && isEncrypted(text)) return undefined;
  await assertInstalled(platform, file, "sops");
  const rules = await findSopsRules(platform, file);
  const named = Object.entries(platform.env).some(([name, value]) =>
    value && recipients.test(name)
  );
  if (named || !/^(\/dev\/null|NUL)$/.test(rules)) {
    await tryEncryption(platform, file);
    return undefined;
  }
  await assertInstalled(platform, file, "age-keygen");
  const keyFile = platform.env["SOPS_AGE_KEY_FILE"] || usualKeyFile(platform, system);
  return {
    keyFile,
    recipient: await recipientOf(platform, keyFile),
    rulesFile: join(dirname(file), ".sops.yaml"),
  };
}

/**
 * Makes the age key, unless it is there, and the rules; and tries them.
 */
export async function makeEncryption(
  platform: ConfigPlatform,
  file: string,
  plan: EncryptionPlan,
): Promise<void> {
  const recipient = plan.recipient ?? await makeKey(platform, plan.keyFile);
  await platform.privateFiles.replace(
    plan.rulesFile,
    `# for whom sops encrypts: one line for each key that may read\n` +
      `creation_rules:\n  - age: ${recipient}\n`,
  );
  await tryEncryption(platform, file);
}

/** Encrypts a probe, and reads it back: rules alone could be for the key of another user. */
async function tryEncryption(platform: ConfigPlatform, file: string): Promise<void> {
  const probe = await encrypt(platform.run, "password: probe\n", {
    name: file,
    encryptedRegex: SECRET_KEYS,
    config: await findSopsRules(platform, file),
  });
  await decrypt(platform.run, probe, file);
}

/** The programs: the flags that make them print their version, and how to install them. */
const PROGRAMS = {
  "sops": {
    flags: ["--disable-version-check", "--version"],
    install: "install sops 3.11 or newer (https://getsops.io), so that it is on the PATH",
  },
  "age-keygen": {
    flags: ["--version"],
    install: "install age (https://age-encryption.org), so that it is on the PATH; or name a key " +
      "of another kind in a .sops.yaml beside it",
  },
};

async function assertInstalled(
  { run }: ConfigPlatform,
  file: string,
  program: keyof typeof PROGRAMS,
): Promise<void> {
  const { flags, install: hint } = PROGRAMS[program];
  if (await run(program, flags) !== undefined) return;
  throw new NotInstalled("FAILED", `cannot encrypt ${file}: ${program} is not installed`, { hint });
}

/** The file in which sops seeks age keys when nothing names one. */
function usualKeyFile({ env, home }: ConfigPlatform, system: string): string {
  const directory = env["XDG_CONFIG_HOME"] ||
    (system === "win32" ? env["APPDATA"] : undefined) ||
    (home &&
      join(home, ...system === "darwin" ? ["Library", "Application Support"] : [".config"]));
  if (!directory) {
    throw new PxrunError("USAGE", "there is no place for an age key: no home directory is known", {
      hint: "name a file: SOPS_AGE_KEY_FILE",
    });
  }
  return join(directory, "sops", "age", "keys.txt");
}

/** The public half of the key in a file, if there is one. */
async function recipientOf(
  { files, run }: ConfigPlatform,
  file: string,
): Promise<string | undefined> {
  if (await files.read(file) === undefined) return undefined;
  const result = await run("age-keygen", ["-y", file]);
  const [recipient] = /^age1\w+$/m.exec(new TextDecoder().decode(result?.stdout)) ?? [];
  if (result?.code === 0 && recipient !== undefined) return recipient;
  throw new PxrunError("FAILED", `cannot read an age key from ${file}`, {
    hint:
      `it is left as it is; \`age-keygen -y ${file}\` says why, or name your key in a .sops.yaml`,
  });
}

/** Adds a key at the end of a file that is its owner's alone; there is none yet. */
async function makeKey({ files, run }: ConfigPlatform, file: string): Promise<string> {
  const result = await run("age-keygen", []);
  const key = new TextDecoder().decode(result?.stdout).trim();
  const [, recipient] = /^# public key: (age1\w+)$/m.exec(key) ?? [];
  if (result?.code !== 0 || recipient === undefined) {
    throw new PxrunError("FAILED", `age-keygen made no key: it ended with ${result?.code}`, {
      hint:
        "`age-keygen` says why, or name a key of your own in a .sops.yaml beside the config file",
    });
  }
  await files.appendLine(file, key);
  return recipient;
}
