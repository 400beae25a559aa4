import { basename, resolve } from "node:path";
import { PxrunError } from "../../../core/errors.ts";
import { checkPath } from "../../../operations/copy/checks.ts";
import { push, pushDirectory } from "../../../operations/copy/push.ts";
import { withCluster } from "../../app/cluster.ts";
import type { Context } from "../../app/context.ts";
import { leftOut } from "../../app/output.ts";
import { meter } from "./transfer.ts";

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
    return await runDirectory([container, file, target], { mode, owner }, context);
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
    // Standard input may never end: nobody waits for it.
    if (file !== "-") await content.return?.();
  }
}

async function runDirectory(
  [container, directory, target]: readonly [string, string, string],
  { mode, owner }: PushFlags,
  context: Context,
): Promise<void> {
  if (mode !== undefined) {
    throw new PxrunError("USAGE", `${directory} is a directory: --mode is for a single file`, {
      hint: "what is in a directory keeps its modes",
    });
  }
  const tell = leftOut(context.platform);
  await withCluster(context, `the push to ${container}`, async (cluster, signal) => {
    using progress = meter(context);
    const onLeftOut = (path: string) => progress.note(() => tell(path));
    const options = { owner, onLeftOut, onBytes: progress.count, signal };
    await pushDirectory(cluster, container, directory, target, options);
    progress.end(`${container}:${target}`);
  });
}
