import { basename, resolve } from "node:path";
import { PxrunError } from "../../../core/errors.ts";
import { checkMode, checkPath } from "../../../operations/copy/checks.ts";
import { pull, pullInto } from "../../../operations/copy/pull.ts";
import { push, pushDirectory } from "../../../operations/copy/push.ts";
import { withCluster } from "../../app/cluster.ts";
import { errStyle } from "../../app/colors.ts";
import type { Context } from "../../app/context.ts";
import { BROKEN_PIPE, Finished } from "../../app/exit.ts";
import { type Meter, meter } from "./transfer.ts";

/** Reports a part of a directory that is not copied; its name may come from a container. */
function leftOut(context: Context, progress: Meter): (path: string) => void {
  const { yellow } = errStyle(context);
  const why = "is no file, directory or link";
  return (path) => progress.note(`${yellow("!")} left out: ${JSON.stringify(path)} ${why}\n`);
}

/** The flags of `pxrun push`. */
export interface PushFlags {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
}

/** Copies into a container. */
export async function runPush(
  [container, file, target]: readonly [string, string, string],
  { mode, owner }: PushFlags,
  context: Context,
): Promise<void> {
  const { platform } = context;
  checkPath(file);
  const path = resolve(platform.cwd, file);
  if (file !== "-" && await platform.fileStreams.isDirectory(path)) {
    return await pushWhole([container, file, target], { mode, owner }, context);
  }
  const opened = file === "-"
    ? { content: platform.terminal.chunks(), mode: undefined, size: undefined }
    : await platform.fileStreams.open(path);
  if (opened === undefined) {
    throw new PxrunError("NOT_FOUND", `file ${file} not found`, {
      hint: "name a file or a directory to copy",
    });
  }
  const kept = opened.mode?.toString(8).padStart(4, "0");
  const name = file === "-" ? undefined : basename(path);
  const content = opened.content[Symbol.asyncIterator]();
  try {
    await withCluster(context, `the push to ${container}`, async (cluster, signal) => {
      using progress = meter(context);
      progress.expect(opened.size);
      const source = {
        [Symbol.asyncIterator]: () => ({
          ...content,
          next: async () => {
            const next = await content.next();
            progress.count(next.done ? 0 : next.value.length);
            return next;
          },
        }),
      };
      await push(cluster, container, source, target, { name, owner, mode: mode ?? kept, signal });
      progress.end(`${container}:${target}`);
    });
  } finally {
    // Standard input may never end: it is not waited for.
    if (file !== "-") await content.return?.();
  }
}

async function pushWhole(
  [container, directory, target]: readonly [string, string, string],
  { mode, owner }: PushFlags,
  context: Context,
): Promise<void> {
  if (mode !== undefined) {
    throw new PxrunError("USAGE", `${directory} is a directory: --mode is for a single file`, {
      hint: "what is in a directory keeps its modes",
    });
  }
  await withCluster(context, `the push to ${container}`, async (cluster, signal) => {
    using progress = meter(context);
    const onLeftOut = leftOut(context, progress);
    const options = { owner, onLeftOut, onBytes: progress.count, signal };
    await pushDirectory(cluster, container, directory, target, options);
    progress.end(`${container}:${target}`);
  });
}

/** Copies out of a container. */
export async function runPull(
  [container, path, target]: readonly [string, string, string],
  mode: string | undefined,
  context: Context,
): Promise<void> {
  const { platform } = context;
  checkMode(mode);
  await withCluster(context, `the pull from ${container}`, async (cluster, signal) => {
    using progress = meter(context, { contentToStdout: target === "-" });
    if (target !== "-") {
      await pullInto(cluster, container, path, target, {
        mode,
        onLeftOut: leftOut(context, progress),
        onSize: progress.expect,
        onBytes: progress.count,
        signal,
      });
      return progress.end(target);
    }
    const onChunk = (chunk: Uint8Array): void => {
      progress.count(chunk.length);
      if (!platform.terminal.write("out", chunk)) throw new Finished(BROKEN_PIPE);
    };
    await pull(cluster, container, path, { onSize: progress.expect, onChunk, signal });
    progress.end("standard output");
  });
}
