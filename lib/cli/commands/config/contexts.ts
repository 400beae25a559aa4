import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ConfigChange } from "../../../config/edit.ts";
import { PxrunError } from "../../../core/errors.ts";
import { type Path, pathText } from "../../../core/problem.ts";
import { Secret } from "../../../core/secret.ts";
import { confirmOrCancel, type Context } from "../../app/context.ts";
import { examples } from "../../app/help/help_page.ts";
import type { GetContext } from "../../app/root.ts";
import { change, fullPath, open } from "./opened.ts";

/** `pxrun config unset|delete-context|rename-context` */
export function addContextCommands(config: CommandUnknownOpts, context: GetContext): void {
  config.command("unset").summary("remove a value")
    .description("Remove a value of the config file, or all below a path.")
    .argument("<path>", "path of the value")
    .addHelpText("after", examples([["pxrun config unset pool", "no pool by default"]]))
    .action((path) => unset(path, context()));
  config.command("delete-context").summary("remove a context and its secrets")
    .description("Remove a context of the config file, with its secrets.")
    .argument("<context>", "name of the context")
    .option("-y, --yes", "do not ask (required without a terminal)")
    .addHelpText("after", examples([["pxrun config delete-context lab", "ask, and remove lab"]]))
    .action((name, { yes }) => deleteContext(name, yes === true, context()));
  config.command("rename-context").summary("rename a context")
    .description("Rename a context of the config file; the current one stays the current one.")
    .argument("<old>", "its name").argument("<new>", "its new name")
    .addHelpText("after", examples([["pxrun config rename-context default home", "rename it"]]))
    .action((old, name) => renameContext(old, name, context()));
}

async function unset(text: string, context: Context): Promise<void> {
  const opened = await open(context, true);
  const path = await fullPath(text, opened, context);
  const name = pathText(path);
  const [top, owner] = path;
  if (top === "contexts" && path.length < 3) {
    throw new PxrunError("USAGE", `${name} is a whole context, not a value`, {
      hint: `\`pxrun config delete-context ${owner ?? "NAME"}\` removes one`,
    });
  }
  if (leaves(opened.config, path).length === 0) {
    const { meantKey } = await import("../../../config/parse_config.ts");
    throw new PxrunError("NOT_FOUND", `${name} is not set in ${opened.file}`, {
      hint: meantKey(path) ?? "`pxrun config get` shows what is",
    });
  }
  await change(opened, [{ path, value: undefined }], context);
  context.world.terminal.err(`${name} removed from ${opened.file}\n`);
}

async function deleteContext(name: string, yes: boolean, context: Context): Promise<void> {
  const { world } = context;
  const opened = await openWith(name, context);
  const isCurrent = opened.config.current_context === name;
  if (!yes) {
    const question = `Delete the ${isCurrent ? "current " : ""}context ${name}, with its secrets?`;
    await confirmOrCancel(world, question, `delete the context ${name}`, false);
  }
  await change(opened, [
    ...(isCurrent ? [{ path: ["current_context"], value: undefined }] : []),
    { path: ["contexts", name], value: undefined },
  ], context);
  world.terminal.err(`context ${name} removed from ${opened.file}\n`);
}

async function renameContext(old: string, name: string, context: Context): Promise<void> {
  const opened = await openWith(old, context);
  if (Object.hasOwn(opened.config.contexts, name)) {
    throw new PxrunError("ALREADY_EXISTS", `context ${name} exists already in ${opened.file}`, {
      hint: `another name, or \`pxrun config delete-context ${name}\` first`,
    });
  }
  const from: Path = ["contexts", old];
  const isCurrent = opened.config.current_context === old;
  // sops binds a secret to its place, so that each is encrypted again at the new one.
  const values = leaves(opened.config, from).map(({ path, value }) => {
    return { path: ["contexts", name, ...path.slice(from.length)], value };
  });
  await change(opened, [
    ...values,
    ...(isCurrent ? [{ path: ["current_context"], value: name }] : []),
    { path: from, value: undefined },
  ], context);
  context.world.terminal.err(`context ${old} renamed to ${name} in ${opened.file}\n`);
}

async function openWith(name: string, context: Context): ReturnType<typeof open> {
  const { noSuchContext } = await import("../../../config/open_context.ts");
  const opened = await open(context, true);
  if (Object.hasOwn(opened.config.contexts, name)) return opened;
  throw noSuchContext(name, opened.config, opened.file);
}

/** Every single value at or below a path. */
function leaves(tree: unknown, below: Path): Required<ConfigChange>[] {
  let value = tree;
  for (const part of below) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return [];
    value = Reflect.get(value, part);
  }
  if (typeof value === "string" || value instanceof Secret) return [{ path: below, value }];
  return Object.keys(value ?? {}).flatMap((key) => leaves(tree, [...below, key]));
}
