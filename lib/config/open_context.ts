import { dirname, isAbsolute, join, resolve } from "node:path";
import { type ConfigPath, configPath } from "./path.ts";
import type { OpenContext } from "./resolve.ts";
import type { Config, ContextConfig } from "./types.ts";
import { adviceOf, type ErrorCode, PxrunError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { readUtf8 } from "../core/utf8.ts";
import { pathText } from "../core/problem.ts";
import { Secret } from "../core/secret.ts";
import type { Env, Platform } from "../core/platform.ts";

/** Which config file and which of its contexts. */
export interface ContextChoice {
  /** Instead of `PXRUN_CONFIG` and the usual place. */
  readonly configFile?: string | undefined;
  /** Instead of `PXRUN_CONTEXT` and the file's `current_context`. */
  readonly context?: string | undefined;
}

/** A config file that was read. */
export interface OpenConfig {
  readonly file: string;
  /** As it is on the disk; undefined where there is no file yet. */
  readonly text: string | undefined;
  readonly config: Config;
}

/** Parts of the platform that reading a config file needs. */
export type ConfigPlatform = Pick<
  Platform,
  "env" | "home" | "cwd" | "files" | "privateFiles" | "run"
>;

/** Path of the config file, for callers that cannot do without one. */
export function findConfig(platform: ConfigPlatform, choice: ContextChoice): ConfigPath {
  const found = configPath(platform, choice.configFile);
  if (found !== undefined) return found;
  throw new PxrunError(
    "USAGE",
    "no path for a config file: PXRUN_CONFIG is empty, or the home directory is unknown",
    {
      hint: "name one: --config FILE, or PXRUN_CONFIG",
    },
  );
}

/**
 * Reads a config file, in memory only.
 *
 * @param options Whether secrets in the clear are taken, by somebody who is about to encrypt
 * them; and what ends the decryption.
 * @throws {PxrunError} PERMISSION_DENIED when others can read it; what sops and its schema refuse.
 */
export async function openConfig(
  platform: ConfigPlatform,
  file: string,
  { adopt = false, signal }: {
    readonly adopt?: boolean;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<OpenConfig> {
  // First: what is no file may keep a reader waiting indefinitely.
  await refuseWhenShared(platform, file);
  const bytes = await readFile(platform, file);
  if (bytes === undefined) return { file, text: undefined, config: { contexts: {} } };
  // Only who has a config file waits for what reads it.
  const { InvalidConfig, isPlainByChoice, parseConfig, plainSecrets } = await import(
    "./parse_config.ts"
  );
  const text = readUtf8(bytes);
  if (typeof text !== "string") throw new InvalidConfig([{ ...text, file }]);
  const { decrypt, isEncrypted, readMetadata } = await import("../secrets/mod.ts");
  if (!isEncrypted(text)) {
    const secrets = adopt || isPlainByChoice(text) ? plainSecrets(text) : undefined;
    return { file, text, config: parseConfig(text, file, secrets) };
  }
  if (readMetadata(text).coversOnlyEncrypted) {
    throw new PxrunError(
      "UNTRUSTED",
      `cannot use ${file}: it is encrypted with mac_only_encrypted, so its host could be changed unseen`,
      { hint: `take mac_only_encrypted out of ${file} and .sops.yaml, in \`sops edit\`` },
    );
  }
  const secrets = await decrypt(platform.run, text, file, signal);
  return { file, text, config: parseConfig(text, file, secrets) };
}

/** A config file as far as it can be read without its secrets. */
export interface ReadableConfig extends OpenConfig {
  /** Why it could not be decrypted; its values may have been changed by anybody then. */
  readonly problem?: PxrunError;
}

/** Reads a config file; one that cannot be decrypted without its secrets. */
export async function openReadable(
  platform: ConfigPlatform,
  file: string,
): Promise<ReadableConfig> {
  try {
    return await openConfig(platform, file, { adopt: true });
  } catch (problem) {
    // What is no file may keep a reader waiting.
    if (!(problem instanceof PxrunError) || !UNDECRYPTED.includes(problem.code)) throw problem;
    const bytes = await readFile(platform, file);
    if (bytes === undefined) throw problem;
    const text = new TextDecoder().decode(bytes);
    const { parseConfig } = await import("./parse_config.ts");
    const { encryptedPaths, isEncrypted } = await import("../secrets/mod.ts");
    if (!isEncrypted(text)) throw problem;
    const hidden = new Map(encryptedPaths(text).map((path) => [pathText(path), new Secret("")]));
    return { file, text, config: parseConfig(text, file, hidden), problem };
  }
}

/**
 * Reads the context that is in use: what the flag names, then `PXRUN_CONTEXT`, then the
 * file's `current_context`, then its only one.
 *
 * @param warn Called when a file is left out which cannot be read and is not needed: variables say
 * it all. Absent: it is an error.
 * @returns Undefined where nothing is configured.
 * @throws {PxrunError} NOT_FOUND for a file or context that is named and not there.
 */
export async function openContext(
  platform: ConfigPlatform,
  choice: ContextChoice = {},
  signal?: AbortSignal,
  warn?: (line: string) => void,
): Promise<OpenContext | undefined> {
  const wanted = choice.context || platform.env["PXRUN_CONTEXT"] || undefined;
  const found = configPath(platform, choice.configFile);
  if (found === undefined && wanted === undefined) return undefined;
  const { path: file, named } = found ?? findConfig(platform, choice);
  const opened = await openConfig(platform, file, { signal }).catch((error) => {
    const chosen = choice.configFile !== undefined || choice.context !== undefined;
    if (warn === undefined || chosen || !isComplete(platform.env)) throw error;
    if (!(error instanceof PxrunError) || !UNDECRYPTED.includes(error.code)) throw error;
    warn(`! the config file is not used, only variables: ${adviceOf(error)}`);
    return undefined;
  });
  if (opened === undefined) return undefined;
  const { text, config } = opened;
  if (text === undefined) {
    if (!named && wanted === undefined) return undefined;
    throw new PxrunError("NOT_FOUND", `there is no config file ${file}`, {
      remedies: [{ kind: "make-config" }],
    });
  }
  const name = wanted ?? usual(config, platform, file);
  if (name === undefined) return undefined;
  const values = Object.hasOwn(config.contexts, name) ? config.contexts[name] : undefined;
  if (values === undefined) throw noSuchContext(name, config, file);
  return { file, name, values: withPaths(values, file, platform.home) };
}

/** Reasons why sops could not decrypt a file: changed, no key, no sops. */
const UNDECRYPTED: readonly ErrorCode[] = ["UNTRUSTED", "UNAUTHORIZED", "FAILED"];

/** True if variables alone say where a cluster is, and as whom. */
function isComplete(env: Env): boolean {
  const has = (...names: readonly string[]): boolean => names.every((name) => env[name]);
  return has("PROXMOX_HOST") &&
    (has("PROXMOX_TOKEN_ID", "PROXMOX_TOKEN_SECRET") || has("PROXMOX_USER", "PROXMOX_PASSWORD"));
}

/** The context that is used when nobody names one. */
export function currentContext({ current_context: current, contexts }: Config): string | undefined {
  const names = Object.keys(contexts);
  return current ?? (names.length === 1 ? names[0] : undefined);
}

function usual(config: Config, { env }: ConfigPlatform, file: string): string | undefined {
  const name = currentContext(config);
  // With a host in the environment, the file need not choose one.
  if (name !== undefined || Object.keys(config.contexts).length === 0 || env["PROXMOX_HOST"]) {
    return name;
  }
  throw new PxrunError("USAGE", `${file} has several contexts, and none is chosen`, {
    remedies: [{ kind: "choose-context", contexts: Object.keys(config.contexts) }],
  });
}

/** The error for a context that is not in the file. */
export function noSuchContext(name: string, { contexts }: Config, file: string): PxrunError {
  const names = Object.keys(contexts);
  const meant = nearest(name, names);
  return new PxrunError("NOT_FOUND", `there is no context ${name} in ${file}`, {
    hint: meant !== undefined
      ? `did you mean ${meant}?`
      : names.length > 0
      ? `there are ${names.join(", ")}`
      : undefined,
    remedies: names.length === 0 ? [{ kind: "make-config", context: name }] : [],
  });
}

async function readFile(platform: ConfigPlatform, file: string): Promise<Uint8Array | undefined> {
  try {
    return await platform.files.read(file);
  } catch (cause) {
    throw new PxrunError("FAILED", `cannot read the config file ${file}`, {
      cause,
      hint: "is it a file, and yours?",
    });
  }
}

async function refuseWhenShared({ privateFiles }: ConfigPlatform, file: string): Promise<void> {
  const mode = await privateFiles.mode(file);
  if (mode === undefined || (mode & 0o077) === 0) return;
  const shown = `0${mode.toString(8)}`;
  throw new PxrunError(
    "PERMISSION_DENIED",
    `the config file ${file} is open to others (mode ${shown})`,
    { hint: `chmod 600 ${file}` },
  );
}

/** Paths in the file are relative to its directory; ~/ is the home directory. */
export function withPaths(
  values: ContextConfig,
  file: string,
  home: string | undefined,
): ContextConfig {
  const full = (path: string): string =>
    path.startsWith("~/") && home !== undefined
      ? join(home, path.slice(2))
      : isAbsolute(path)
      ? path
      : resolve(dirname(file), path);
  const { ca_file, ssh, defaults } = values;
  const key = defaults?.ssh_key;
  return {
    ...values,
    ...(ca_file && { ca_file: full(ca_file) }),
    ...(ssh && {
      ssh: {
        ...ssh,
        ...(ssh.key && { key: full(ssh.key) }),
        ...(ssh.known_hosts && { known_hosts: full(ssh.known_hosts) }),
      },
    }),
    // A public key itself has blanks in it.
    ...(key && !/\s/.test(key) && { defaults: { ...defaults, ssh_key: full(key) } }),
  };
}
