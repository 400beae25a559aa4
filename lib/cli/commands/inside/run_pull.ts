import { checkMode } from "../../../operations/copy/checks.ts";
import { pull, pullInto } from "../../../operations/copy/pull.ts";
import { withCluster } from "../../app/cluster.ts";
import type { Context } from "../../app/context.ts";
import { BROKEN_PIPE, Finished } from "../../app/exit.ts";
import { leftOut } from "../../app/output.ts";
import { meter } from "./transfer.ts";

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
      const tell = leftOut(platform);
      await pullInto(cluster, container, path, target, {
        mode,
        onLeftOut: (path) => progress.note(() => tell(path)),
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
