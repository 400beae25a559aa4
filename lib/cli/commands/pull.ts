import { basename, join, resolve } from "node:path";
import { PxrunError } from "../../core/errors.ts";
import type { GetContext, Root } from "../program.ts";
import { type Context, interruptible } from "../context.ts";
import { Finished, NOBODY_READS } from "../exit.ts";

/** `pxrun pull CT FILE TARGET` */
export function addPull(root: Root, context: GetContext): void {
  root.command("pull")
    .summary("copy a file out of a container")
    .description("Copies one file out of a running container; - is standard output.")
    .argument("<container>", "a vmid or a hostname")
    .argument("<file>", "an absolute path in the container")
    .argument("<target>", "a file of this machine, a folder to copy into, or -")
    .option("--mode <mode>", "in octal; else that of the file")
    .action((container, file, target, { mode }) => run([container, file, target], mode, context()));
}

async function run(
  [container, file, target]: readonly [string, string, string],
  mode: string | undefined,
  context: Context,
): Promise<void> {
  const { world } = context;
  const { fileStreams, terminal } = world;
  if (mode !== undefined && !/^[0-7]{3,4}$/.test(mode)) {
    throw new PxrunError("USAGE", `${JSON.stringify(mode)} is not a mode`, {
      hint: "write it in octal: 0644",
    });
  }
  const { connectCluster } = await import("../cluster.ts");
  const { pull } = await import("../../lifecycle/copy.ts");
  await interruptible(world, `the pull from ${container}`, async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    if (target === "-") {
      const onChunk = (chunk: Uint8Array): void => {
        if (!terminal.write("out", chunk)) throw new Finished(NOBODY_READS);
      };
      return await pull(cluster, container, file, { onChunk, signal });
    }
    const named = resolve(world.cwd, target);
    const path = await fileStreams.isFolder(named) ? join(named, basename(file)) : named;
    // A program of another's may not become one that runs as this user.
    let kept = 0o644;
    await using draft = await fileStreams.draft(path);
    await pull(cluster, container, file, {
      onMode: (given) => kept = given & 0o777,
      onChunk: (chunk) => draft.write(chunk),
      signal,
    });
    await draft.keep(mode === undefined ? kept : parseInt(mode, 8));
  });
}
