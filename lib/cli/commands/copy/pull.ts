import type { GetContext, Root } from "../../app/root.ts";
import { examples } from "../../app/help/help_page.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { Finished, NOBODY_READS } from "../../app/exit.ts";
import { leftOut } from "../../app/output.ts";
import { meter } from "./transfer.ts";

/** `pxrun pull CT PATH TARGET` */
export function addPull(root: Root, context: GetContext): void {
  root.command("pull")
    .summary("copy a file or a directory out of a container")
    .description(
      "Copy a file or a directory out of a running container, as cp -r does: into a target that " +
        "is a directory, or to a new name; DIRECTORY/. copies its contents.",
    )
    .argument("<container>", "VMID or hostname")
    .argument("<path>", "absolute path in the container")
    .argument("<target>", "name or directory on this machine, or - for standard output")
    .option("--mode <mode>", "mode of the file, in octal (default: as in the container)")
    .addHelpText(
      "after",
      examples([
        ["pxrun pull web-1 /etc/hosts .", "into the current directory"],
        ["pxrun pull web-1 /etc/nginx backup", "a directory, under another name"],
        ["pxrun pull web-1 /etc/hosts - | less", "to standard output"],
      ]),
    )
    .action((container, path, target, { mode }) => run([container, path, target], mode, context()));
}

async function run(
  [container, path, target]: readonly [string, string, string],
  mode: string | undefined,
  context: Context,
): Promise<void> {
  const { world } = context;
  const { connectCluster } = await import("../../app/cluster.ts");
  const { checkMode, pull } = await import("../../../operations/copy/copy.ts");
  const { pullInto } = await import("../../../operations/copy/copy_folder.ts");
  checkMode(mode);
  await interruptible(world, `the pull from ${container}`, async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    using progress = meter(context, { contentToStdout: target === "-" });
    if (target !== "-") {
      const tell = leftOut(world);
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
      if (!world.terminal.write("out", chunk)) throw new Finished(NOBODY_READS);
    };
    await pull(cluster, container, path, { onSize: progress.expect, onChunk, signal });
    progress.end("standard output");
  });
}
