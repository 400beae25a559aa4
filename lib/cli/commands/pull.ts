import type { GetContext, Root } from "../program.ts";
import { type Context, interruptible } from "../context.ts";
import { Finished, NOBODY_READS } from "../exit.ts";
import { leftOut } from "../output.ts";

/** `pxrun pull CT PATH TARGET` */
export function addPull(root: Root, context: GetContext): void {
  root.command("pull")
    .summary("copy a file or a folder out of a container")
    .description(
      "Copies a file or a folder out of a running container, as cp -r does: into a target that is " +
        "a folder, else under its name; folder/. is what is in it. - is standard output.",
    )
    .argument("<container>", "a vmid or a hostname")
    .argument("<path>", "an absolute path in the container")
    .argument("<target>", "a name on this machine, a folder to copy into, or - for a file")
    .option("--mode <mode>", "of a file, in octal; else what it has there")
    .action((container, path, target, { mode }) => run([container, path, target], mode, context()));
}

async function run(
  [container, path, target]: readonly [string, string, string],
  mode: string | undefined,
  context: Context,
): Promise<void> {
  const { world } = context;
  const { connectCluster } = await import("../cluster.ts");
  const { checkMode, pull } = await import("../../lifecycle/copy.ts");
  const { pullInto } = await import("../../lifecycle/copy_folder.ts");
  checkMode(mode);
  await interruptible(world, `the pull from ${container}`, async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    if (target !== "-") {
      return await pullInto(cluster, container, path, target, {
        mode,
        onLeftOut: leftOut(world),
        signal,
      });
    }
    const onChunk = (chunk: Uint8Array): void => {
      if (!world.terminal.write("out", chunk)) throw new Finished(NOBODY_READS);
    };
    await pull(cluster, container, path, { onChunk, signal });
  });
}
