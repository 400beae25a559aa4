import type { ContextConfig } from "../../../config/schema.ts";
import type { OpenConfig } from "../../../config/open_context.ts";
import { adviceOf, PxrunError } from "../../../core/errors.ts";
import { type Path, pathText } from "../../../core/problem.ts";
import { Secret } from "../../../core/secret.ts";
import { addContextCommands } from "./contexts.ts";
import { addEncryptCommand } from "./encrypt.ts";
import { change, fullPath, noFile, open, usedContext } from "./opened.ts";
import type { Context } from "../../app/context.ts";
import type { GetContext, Root } from "../../app/root.ts";
import { examples } from "../../app/help/help_page.ts";

/** `pxrun config path|list|get|set|use|edit` */
export function addConfig(root: Root, context: GetContext): void {
  const config = root.command("config")
    .summary("show and change the config file")
    .description(
      "Show and change the config file. Its secrets are encrypted with sops; the rest stays " +
        "readable. PATH is relative to the context in use (host, token_secret, ssh.nodes.pve01), " +
        "or to the whole file (contexts.home.host, current_context).",
    )
    .addHelpText("after", examples([["pxrun config list", "list the contexts"]]));
  config.command("path").summary("print the path of the file")
    .description("Print the path of the config file, whether it exists or not.")
    .addHelpText("after", examples([["pxrun config path", "print the path"]]))
    .action(() => printPath(context()));
  config.command("list").summary("list the contexts")
    .description("List the contexts of the config file; * marks the one in use.")
    .addHelpText("after", examples([["pxrun config list", "name, host and login of each"]]))
    .action(() => list(context()));
  config.command("get").summary("print a value")
    .description("Print a value of the config file, or all below a path; secrets as dots.")
    .argument("[path]", "path of the value (default: the whole context)")
    .addHelpText("after", examples([["pxrun config get ssh", "all SSH settings"]]))
    .action((path) => get(path, context()));
  config.command("set").summary("change a value")
    .description(
      "Change a value of the config file; the file is created if needed. A secret is never taken " +
        "from the command line, but asked for, or read from standard input.",
    )
    .argument("<path>", "path of the value")
    .argument("[value]", "the value (default: asked for, or read from standard input)")
    .addHelpText(
      "after",
      examples([
        ["pxrun config set pool dev", "containers go to this pool by default"],
        ["pxrun config set token_secret", "ask for the secret, and encrypt it"],
        ["pxrun config set host pve09 --context lab", "in another context, new or not"],
      ]),
    )
    .action((path, value) => set(path, value, context()));
  addContextCommands(config, context);
  addEncryptCommand(config, context);
  config.command("use").summary("choose the current context")
    .description("Make a context the one that is used when none is named.")
    .argument("<context>", "name of the context")
    .addHelpText("after", examples([["pxrun config use lab", "use lab from now on"]]))
    .action((name) => use(name, context()));
  config.command("edit").summary("edit the file with sops")
    .description(
      "Open the config file in your editor with `sops edit`, which keeps a temporary file in the " +
        "clear while the editor runs.",
    )
    .addHelpText("after", examples([["EDITOR=nano pxrun config edit", "edit it with nano"]]))
    .action(() => edit(context()));
}

async function printPath({ world, choice, format }: Context): Promise<void> {
  const { findConfig } = await import("../../../config/open_context.ts");
  const { path } = findConfig(world, choice);
  const { print } = await import("../../app/output.ts");
  await print({ world, format }, { table: () => `${path}\n`, data: { path } });
}

async function list(context: Context): Promise<void> {
  const { findConfig, openReadable } = await import("../../../config/open_context.ts");
  const { world, choice } = context;
  const { path, named } = findConfig(world, choice);
  // No secret is shown, so that none has to be decrypted: a wrong MAC hides nothing of this.
  const { config, file, text, problem } = await openReadable(world, path);
  if (text === undefined && named) throw noFile(file);
  if (problem !== undefined) world.terminal.err(`! not verified: ${adviceOf(problem)}\n`);
  const current = await usedContext(config, context);
  const { print } = await import("../../app/output.ts");
  const { table } = await import("../../../render/table.ts");
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

async function get(text: string | undefined, context: Context): Promise<void> {
  const { world, format } = context;
  const opened = await open(context);
  const path = await fullPath(text, opened, context);
  const value = valueAt(opened.config, path);
  if (value === undefined) {
    const { meantKey } = await import("../../../config/parse_config.ts");
    throw new PxrunError("NOT_FOUND", `${pathText(path)} is not set in ${opened.file}`, {
      hint: meantKey(path) ?? `\`pxrun config set ${pathText(path)}\` sets it`,
    });
  }
  if (format === "table" && typeof value !== "object" || value instanceof Secret) {
    world.terminal.out(format === "table" ? `${value}\n` : `${JSON.stringify(value)}\n`);
    return;
  }
  const { print } = await import("../../app/output.ts");
  // Secrets print as dots in JSON; so they do in what is made of it.
  const shown: unknown = JSON.parse(JSON.stringify(value));
  await print({ world, format: format === "table" ? "yaml" : format }, { data: shown });
}

async function set(text: string, given: string | undefined, context: Context): Promise<void> {
  const { isSecretPath } = await import("../../../config/parse_config.ts");
  const { world } = context;
  const opened = await open(context, true);
  const path = await fullPath(text, opened, context);
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
  world.terminal.err(`${name} is set in ${opened.file}\n`);
}

async function askFor(
  name: string,
  isSecret: boolean,
  { world }: Context,
): Promise<string | Secret> {
  const { ask, hidden, pipedIn } = await import("../../prompts/prompts.ts");
  const hint = isSecret ? pipeIn(name) : `pxrun config set ${name} VALUE`;
  if (world.terminal.interactive) {
    const answer = isSecret
      ? await hidden(world, name, hint)
      : await ask(world, name, () => undefined);
    if (String(answer instanceof Secret ? answer.reveal() : answer) !== "") return answer;
  } else {
    const text = (await pipedIn(world, name, hint)).replace(/\r?\n$/, "");
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

async function use(name: string, context: Context): Promise<void> {
  const { noSuchContext } = await import("../../../config/open_context.ts");
  const opened = await open(context);
  if (!Object.hasOwn(opened.config.contexts, name)) {
    throw noSuchContext(name, opened.config, opened.file);
  }
  await change(opened, [{ path: ["current_context"], value: name }], context);
  context.world.terminal.err(`${name} is the context from now on\n`);
}

async function edit(context: Context): Promise<void> {
  const { editFile, isEncrypted } = await import("../../../secrets/mod.ts");
  const { world, choice } = context;
  const { findConfig } = await import("../../../config/open_context.ts");
  const { path: file } = findConfig(world, choice);
  if (!world.terminal.interactive) {
    throw new PxrunError("USAGE", `cannot edit ${file}: this is not a terminal`, {
      hint: "`pxrun config set PATH` changes one value",
    });
  }
  const bytes = await world.files.read(file);
  if (bytes === undefined) throw noFile(file);
  const text = new TextDecoder().decode(bytes);
  if (!isEncrypted(text)) {
    throw new PxrunError("USAGE", `cannot edit ${file} with sops: it is not encrypted`, {
      hint: "edit it as it is, or `pxrun config set PATH`, which makes and encrypts it",
    });
  }
  await editFile(world.run, file, text);
  // What was typed is checked at once, not at the next command.
  await open(context);
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
