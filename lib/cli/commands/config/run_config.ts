import { changeConfig } from "../../../config/change_config.ts";
import type { ConfigChange } from "../../../config/edit.ts";
import {
  currentContext,
  findConfig,
  type OpenConfig,
  openConfig,
  openReadable,
} from "../../../config/open_context.ts";
import { isSecretPath, meantKey } from "../../../config/parse_config.ts";
import type { ContextConfig } from "../../../config/schema.ts";
import { adviceOf, PxrunError } from "../../../core/errors.ts";
import { parsePath, type Path, pathText, quoted } from "../../../core/problem.ts";
import { Secret } from "../../../core/secret.ts";
import { table } from "../../../render/table.ts";
import { editFile, isEncrypted } from "../../../secrets/mod.ts";
import { makeEncryption, planEncryption } from "../../../setup/encryption.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { print } from "../../app/output.ts";
import { ask, hidden, pipedIn } from "../../prompts/prompts.ts";

/**
 * Reads the config file that is meant.
 *
 * @param adopt Whether secrets in the clear are taken, to be encrypted.
 */
export async function open(context: Context, adopt = false): Promise<OpenConfig> {
  const { platform, choice } = context;
  return await openConfig(platform, findConfig(platform, choice).path, { adopt });
}

/** The error where there is no config file. */
export function noFile(file: string): PxrunError {
  return new PxrunError("NOT_FOUND", `there is no config file ${file}`, {
    hint: "`pxrun setup` makes one, and so does `pxrun config set host NAME`",
  });
}

/** Changes the file. */
export async function change(
  opened: OpenConfig,
  changes: readonly ConfigChange[],
  { platform }: Context,
): Promise<void> {
  const what = `the change of ${opened.file}`;
  await interruptible(platform, what, (signal) => changeConfig(platform, opened, changes, signal));
}

/** The context that paths without one are relative to. */
export function usedContext(
  config: OpenConfig["config"],
  { platform, choice }: Context,
): string | undefined {
  return choice.context || platform.env["PXRUN_CONTEXT"] || currentContext(config);
}

/** The path in the whole file that a path of the command line stands for. */
export function fullPath(
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
export async function printPath({ platform, choice, format }: Context): Promise<void> {
  const { path } = findConfig(platform, choice);
  await print({ platform, format }, { table: () => `${path}\n`, data: { path } });
}

/** Lists the contexts. */
export async function list(context: Context): Promise<void> {
  const { platform, choice } = context;
  const { path, named } = findConfig(platform, choice);
  // No secret is shown, so that none has to be decrypted: a wrong MAC hides nothing of this.
  const { config, file, text, problem } = await openReadable(platform, path);
  if (text === undefined && named) throw noFile(file);
  if (problem !== undefined) platform.terminal.err(`! not verified: ${adviceOf(problem)}\n`);
  const current = usedContext(config, context);
  const rows = Object.entries(config.contexts).map(([name, { host, token_id, user }]) => ({
    name,
    current: name === current,
    host: host ?? null,
    as: token_id ?? user ?? null,
  }));
  const columns = [
    { heading: "", cell: (row: typeof rows[number]) => row.current ? "*" : "" },
    { heading: "CONTEXT", cell: (row: typeof rows[number]) => row.name, least: 8 },
    { heading: "HOST", cell: (row: typeof rows[number]) => row.host ?? "-", least: 12 },
    { heading: "AS", cell: (row: typeof rows[number]) => row.as ?? "-", least: 8 },
  ];
  await print(context, {
    table: (style) => rows.length === 0 ? "" : table(columns, rows, style),
    note: rows.length === 0 ? "no contexts; `pxrun setup` makes one\n" : undefined,
    data: rows,
  });
}

/** Prints a value. */
export async function get(text: string | undefined, context: Context): Promise<void> {
  const { platform, format } = context;
  const opened = await open(context);
  const path = fullPath(text, opened, context);
  const value = valueAt(opened.config, path);
  if (value === undefined) {
    throw new PxrunError("NOT_FOUND", `${pathText(path)} is not set in ${opened.file}`, {
      hint: meantKey(path) ?? `\`pxrun config set ${pathText(path)}\` sets it`,
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
  const { platform } = context;
  const opened = await open(context, true);
  const path = fullPath(text, opened, context);
  const name = pathText(path);
  if (given !== undefined && isSecretPath(path)) {
    throw new PxrunError(
      "USAGE",
      `${name} is a secret, and those are not taken from the command line`,
      {
        hint:
          `\`pxrun config set ${name}\` asks for it, or reads it from standard input; replace the ` +
          "one that stands in your shell's history now",
      },
    );
  }
  if (given === "") throw noValue(name);
  const value = given ?? await askFor(name, isSecretPath(path), context);
  const isFirst = path[0] === "contexts" && Object.keys(opened.config.contexts).length === 0;
  const current = isFirst && opened.config.current_context === undefined
    ? [{ path: ["current_context"], value: String(path[1]) }]
    : [];
  await change(opened, [...current, { path, value }], context);
  platform.terminal.err(`${name} is set in ${opened.file}\n`);
}

async function askFor(
  name: string,
  isSecret: boolean,
  { platform }: Context,
): Promise<string | Secret> {
  const hint = isSecret ? pipeIn(name) : `pxrun config set ${name} VALUE`;
  if (platform.terminal.interactive) {
    const answer = isSecret
      ? await hidden(platform, name, hint)
      : await ask(platform, name, () => undefined);
    if (String(answer instanceof Secret ? answer.reveal() : answer) !== "") return answer;
  } else {
    const text = (await pipedIn(platform, name, hint)).replace(/\r?\n$/, "");
    if (text !== "") return isSecret ? new Secret(text) : text;
  }
  throw noValue(name);
}

function noValue(name: string): PxrunError {
  return new PxrunError("USAGE", `there is no value for ${name}`, {
    hint: `\`pxrun config unset ${name}\` removes it`,
  });
}

function pipeIn(name: string): string {
  return `pipe it in: pass show proxmox | pxrun config set ${name}`;
}

/** Removes a value. */
export async function unset(text: string, context: Context): Promise<void> {
  const opened = await open(context, true);
  const path = fullPath(text, opened, context);
  const name = pathText(path);
  const [top, owner] = path;
  if (top === "contexts" && path.length < 3) {
    throw new PxrunError("USAGE", `${name} is a whole context, not a value`, {
      hint: `\`pxrun config delete-context ${owner ?? "NAME"}\` removes one`,
    });
  }
  if (leaves(opened.config, path).length === 0) {
    throw new PxrunError("NOT_FOUND", `${name} is not set in ${opened.file}`, {
      hint: meantKey(path) ?? "`pxrun config get` shows what is",
    });
  }
  await change(opened, [{ path, value: undefined }], context);
  context.platform.terminal.err(`${name} removed from ${opened.file}\n`);
}

/** Has sops open the file in an editor. */
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
  const opened = await open(context, true);
  const { file, text } = opened;
  if (text === undefined) throw noFile(file);
  if (isEncrypted(text)) {
    platform.terminal.err(`${file} is encrypted already\n`);
    return;
  }
  await interruptible(platform, `the encryption of ${file}`, async (signal) => {
    const plan = await planEncryption(platform, opened, platform.self.platform);
    if (plan !== undefined) {
      await makeEncryption(platform, file, plan);
      platform.terminal.err(`encrypting for the age key in ${plan.keyFile}; keep a copy of it\n`);
    }
    await changeConfig(platform, opened, [{ path: ["encryption"], value: undefined }], signal);
    platform.terminal.err(`encrypted the secrets of ${file}\n`);
  });
}

function valueAt(
  config: OpenConfig["config"],
  path: Path,
): ContextConfig | Secret | string | undefined {
  let value: unknown = config;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = Reflect.get(value, part);
  }
  return typeof value === "string" || (typeof value === "object" && value !== null)
    ? value
    : undefined;
}

/** Every single value at or below a path. */
export function leaves(tree: unknown, below: Path): Required<ConfigChange>[] {
  let value = tree;
  for (const part of below) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return [];
    value = Reflect.get(value, part);
  }
  if (typeof value === "string" || value instanceof Secret) return [{ path: below, value }];
  return Object.keys(value ?? {}).flatMap((key) => leaves(tree, [...below, key]));
}
