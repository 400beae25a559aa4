import { changeConfig } from "../../../config/change_config.ts";
import { type ConfigChange, leavesAt, valueAt } from "../../../config/edit.ts";
import {
  currentContext,
  findConfig,
  type OpenConfig,
  openConfig,
} from "../../../config/open_context.ts";
import { isSecretPath, meantKey } from "../../../config/parse_config.ts";
import { PxrunError } from "../../../core/errors.ts";
import { parsePath, type Path, pathText, quoted } from "../../../core/problem.ts";
import { Secret } from "../../../core/secret.ts";
import { editFile, isEncrypted } from "../../../secrets/mod.ts";
import { makeEncryption, planEncryption } from "../../../setup/encryption.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { print } from "../../app/output.ts";
import { ask, hidden, pipedIn } from "../../prompts/prompts.ts";

/**
 * Reads the config file that is meant.
 *
 * @param adopt True if secrets in the clear are accepted, to be encrypted.
 */
export async function open(context: Context, adopt = false): Promise<OpenConfig> {
  const { platform, choice } = context;
  return await openConfig(platform, findConfig(platform, choice).path, { adopt });
}

/** The error where there is no config file. */
export function noFile(file: string): PxrunError {
  return new PxrunError("NOT_FOUND", `there is no config file ${file}`, {
    remedies: [{ kind: "make-config" }],
  });
}

/** Changes the file, and reports what was done. */
export async function change(
  opened: OpenConfig,
  changes: readonly ConfigChange[],
  done: string,
  { platform }: Context,
): Promise<void> {
  const what = `the change of ${opened.file}`;
  await interruptible(platform, what, (signal) => changeConfig(platform, opened, changes, signal));
  platform.terminal.err(`${done}\n`);
}

/** The context that paths without one are relative to. */
export function usedContext(
  config: OpenConfig["config"],
  { platform, choice }: Context,
): string | undefined {
  return choice.context || platform.env["PXRUN_CONTEXT"] || currentContext(config);
}

/** The config file with a path in it that the command line names. */
interface OpenPath {
  readonly opened: OpenConfig;
  /** From the root of the file. */
  readonly path: Path;
  /** The same as text. */
  readonly name: string;
}

/** Reads the config file, and resolves a path of the command line in it. */
async function openAt(
  text: string | undefined,
  context: Context,
  adopt: boolean,
): Promise<OpenPath> {
  const opened = await open(context, adopt);
  const path = fullPath(text, opened, context);
  return { opened, path, name: pathText(path) };
}

function fullPath(
  text: string | undefined,
  { config, file }: OpenConfig,
  context: Context,
): Path {
  const path = text === undefined ? [] : parsePath(text);
  if (path === undefined) {
    // Behind an equals sign there is the value.
    const shown = quoted(text?.replace(/=[^]*/, "=…") ?? "");
    throw new PxrunError("USAGE", `${shown} is not a path of the config file`, {
      hint: "such as host, ssh.user or contexts.home.token_secret",
    });
  }
  if (path[0] === "contexts" || path[0] === "current_context") return path;
  const names = Object.keys(config.contexts);
  const name = usedContext(config, context) ?? (names.length === 0 ? "default" : undefined);
  if (name !== undefined) return ["contexts", name, ...path];
  throw new PxrunError("USAGE", `${file} has several contexts, and none is chosen`, {
    hint: `add --context ${names.join(" or --context ")}`,
  });
}

/** Prints the path of the file. */
export async function printPath(context: Context): Promise<void> {
  const { path } = findConfig(context.platform, context.choice);
  await print(context, { table: () => `${path}\n`, data: { path } });
}

/** Prints a value. */
export async function get(text: string | undefined, context: Context): Promise<void> {
  const { platform, format } = context;
  const { opened, path, name } = await openAt(text, context, false);
  const value = valueAt(opened.config, path);
  if (value === undefined) {
    throw new PxrunError("NOT_FOUND", `${name} is not set in ${opened.file}`, {
      hint: meantKey(path) ?? `\`pxrun config set ${name}\` sets it`,
    });
  }
  if (format === "table" && typeof value !== "object" || value instanceof Secret) {
    platform.terminal.out(format === "table" ? `${value}\n` : `${JSON.stringify(value)}\n`);
    return;
  }
  // Secrets print as dots in JSON; so they do in what is made of it.
  const shown: unknown = JSON.parse(JSON.stringify(value));
  await print({ platform, format: format === "table" ? "yaml" : format }, { data: shown });
}

/** Changes a value. */
export async function set(
  text: string,
  given: string | undefined,
  context: Context,
): Promise<void> {
  const { opened, path, name } = await openAt(text, context, true);
  const isSecret = isSecretPath(path);
  if (given !== undefined && isSecret) {
    const message = `${name} is a secret, and those are not taken from the command line`;
    throw new PxrunError("USAGE", message, {
      hint:
        `\`pxrun config set ${name}\` asks for it, or reads it from standard input; replace the ` +
        "one that is in your shell's history now",
    });
  }
  const value = given ?? await askFor(name, isSecret, context);
  if (value === "" || value instanceof Secret && value.reveal() === "") {
    throw new PxrunError("USAGE", `there is no value for ${name}`, {
      hint: `\`pxrun config unset ${name}\` removes it`,
    });
  }
  const { contexts, current_context } = opened.config;
  const isFirst = path[0] === "contexts" && Object.keys(contexts).length === 0;
  const current = isFirst && current_context === undefined
    ? [{ path: ["current_context"], value: String(path[1]) }]
    : [];
  const done = `${name} is set in ${opened.file}`;
  await change(opened, [...current, { path, value }], done, context);
}

async function askFor(
  name: string,
  isSecret: boolean,
  { platform }: Context,
): Promise<string | Secret> {
  const hint = isSecret
    ? `pipe it in: pass show proxmox | pxrun config set ${name}`
    : `pxrun config set ${name} VALUE`;
  if (!platform.terminal.interactive) {
    const text = (await pipedIn(platform, name, hint)).replace(/\r?\n$/, "");
    return isSecret ? new Secret(text) : text;
  }
  return isSecret ? await hidden(platform, name, hint) : await ask(platform, name, () => undefined);
}

/** Removes a value. */
export async function unset(text: string, context: Context): Promise<void> {
  const { opened, path, name } = await openAt(text, context, true);
  const [top, owner] = path;
  if (top === "contexts" && path.length < 3) {
    throw new PxrunError("USAGE", `${name} is a whole context, not a value`, {
      hint: `\`pxrun config delete-context ${owner ?? "NAME"}\` removes one`,
    });
  }
  if (leavesAt(opened.config, path).length === 0) {
    throw new PxrunError("NOT_FOUND", `${name} is not set in ${opened.file}`, {
      hint: meantKey(path) ?? "`pxrun config get` shows what is",
    });
  }
  const done = `${name} removed from ${opened.file}`;
  await change(opened, [{ path, value: undefined }], done, context);
}

/** Opens the file in an editor, by sops. */
export async function edit(context: Context): Promise<void> {
  const { platform, choice } = context;
  const { path: file } = findConfig(platform, choice);
  if (!platform.terminal.interactive) {
    throw new PxrunError("USAGE", `cannot edit ${file}: this is not a terminal`, {
      hint: "`pxrun config set PATH` changes one value",
    });
  }
  const bytes = await platform.files.read(file);
  if (bytes === undefined) throw noFile(file);
  const text = new TextDecoder().decode(bytes);
  if (!isEncrypted(text)) {
    throw new PxrunError("USAGE", `cannot edit ${file} with sops: it is not encrypted`, {
      hint: "edit it as it is, or `pxrun config set PATH`, which makes and encrypts it",
    });
  }
  await editFile(platform.run, file, text);
  // What was typed is checked at once, not at the next command.
  await open(context);
}

/** Encrypts the secrets of a plain file. */
export async function encryptFile(context: Context): Promise<void> {
  const { platform } = context;
  const { terminal, self } = platform;
  const opened = await open(context, true);
  const { file, text } = opened;
  if (text === undefined) throw noFile(file);
  if (isEncrypted(text)) return terminal.err(`${file} is encrypted already\n`);
  await interruptible(platform, `the encryption of ${file}`, async (signal) => {
    const plan = await planEncryption(platform, opened, self.platform);
    if (plan !== undefined) {
      await makeEncryption(platform, file, plan);
      terminal.err(`encrypting for the age key in ${plan.keyFile}; keep a copy of it\n`);
    }
    await changeConfig(platform, opened, [{ path: ["encryption"], value: undefined }], signal);
    terminal.err(`encrypted the secrets of ${file}\n`);
  });
}
