import type { ConfigChange } from "../../../config/edit.ts";
import type { OpenConfig } from "../../../config/open_context.ts";
import { PxrunError } from "../../../core/errors.ts";
import { parsePath, type Path, quoted } from "../../../core/problem.ts";
import { type Context, interruptible } from "../../app/context.ts";

/**
 * Reads the config file that is meant.
 *
 * @param adopt Whether secrets in the clear are taken, to be encrypted.
 */
export async function open(context: Context, adopt = false): Promise<OpenConfig> {
  const { findConfig, openConfig } = await import("../../../config/open_context.ts");
  const { world, choice } = context;
  return await openConfig(world, findConfig(world, choice).path, { adopt });
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
  { world }: Context,
): Promise<void> {
  const { changeConfig } = await import("../../../config/change_config.ts");
  const what = `the change of ${opened.file}`;
  await interruptible(world, what, (signal) => changeConfig(world, opened, changes, signal));
}

/** The context that paths without one are relative to. */
export async function usedContext(
  config: OpenConfig["config"],
  { world, choice }: Context,
): Promise<string | undefined> {
  const { currentContext } = await import("../../../config/open_context.ts");
  return choice.context || world.env["PXRUN_CONTEXT"] || currentContext(config);
}

/** The path in the whole file that a path of the command line stands for. */
export async function fullPath(
  text: string | undefined,
  { config, file }: OpenConfig,
  context: Context,
): Promise<Path> {
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
  const name = await usedContext(config, context) ?? (names.length === 0 ? "default" : undefined);
  if (name !== undefined) return ["contexts", name, ...path];
  throw new PxrunError("USAGE", `${file} has several contexts, and none is chosen`, {
    hint: `add --context ${names.join(" or --context ")}`,
  });
}
