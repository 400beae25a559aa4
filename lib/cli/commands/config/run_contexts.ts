import { noSuchContext } from "../../../config/open_context.ts";
import { PxrunError } from "../../../core/errors.ts";
import type { Path } from "../../../core/problem.ts";
import { confirmOrCancel, type Context } from "../../app/context.ts";
import { change, leaves, open } from "./run_config.ts";

/** Makes a context the current one. */
export async function use(name: string, context: Context): Promise<void> {
  const opened = await open(context);
  if (!Object.hasOwn(opened.config.contexts, name)) {
    throw noSuchContext(name, opened.config, opened.file);
  }
  await change(opened, [{ path: ["current_context"], value: name }], context);
  context.platform.terminal.err(`${name} is the context from now on\n`);
}

/** Removes a context. */
export async function deleteContext(name: string, yes: boolean, context: Context): Promise<void> {
  const { platform } = context;
  const opened = await openWith(name, context);
  const isCurrent = opened.config.current_context === name;
  if (!yes) {
    const question = `Delete the ${isCurrent ? "current " : ""}context ${name}, with its secrets?`;
    await confirmOrCancel(platform, question, `delete the context ${name}`, false);
  }
  await change(opened, [
    ...(isCurrent ? [{ path: ["current_context"], value: undefined }] : []),
    { path: ["contexts", name], value: undefined },
  ], context);
  platform.terminal.err(`context ${name} removed from ${opened.file}\n`);
}

/** Renames a context. */
export async function renameContext(old: string, name: string, context: Context): Promise<void> {
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
  context.platform.terminal.err(`context ${old} renamed to ${name} in ${opened.file}\n`);
}

async function openWith(name: string, context: Context): ReturnType<typeof open> {
  const opened = await open(context, true);
  if (Object.hasOwn(opened.config.contexts, name)) return opened;
  throw noSuchContext(name, opened.config, opened.file);
}
