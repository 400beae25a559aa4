import { basename, resolve } from "node:path";
import { PxrunError } from "../../core/errors.ts";
import type { GetContext, Root } from "../program.ts";
import { type Context, interruptible } from "../context.ts";
import { leftOut } from "../output.ts";

interface Options {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
}

/** `pxrun push CT PATH TARGET` */
export function addPush(root: Root, context: GetContext): void {
  root.command("push")
    .summary("copy a file or a folder into a container")
    .description(
      "Copies a file or a folder into a running container, as cp -r does: into a target that is a " +
        "folder, else under its name; folder/. is what is in it. - is standard input.",
    )
    .argument("<container>", "a vmid or a hostname")
    .argument("<path>", "a file or a folder of this machine, or -")
    .argument("<target>", "an absolute path in the container: a name, or a folder to copy into")
    .option("--mode <mode>", "of a file, in octal; else what it has here")
    .option("--owner <owner>", "user or user:group; else root, or who owns the file that is there")
    .action((container, file, target, options) =>
      run([container, file, target], options, context())
    );
}

async function run(
  [container, file, target]: readonly [string, string, string],
  { mode, owner }: Options,
  context: Context,
): Promise<void> {
  const { world } = context;
  const { checkPath, push } = await import("../../lifecycle/copy.ts");
  checkPath(file);
  const path = resolve(world.cwd, file);
  if (file !== "-" && await world.fileStreams.isFolder(path)) {
    return await runFolder([container, file, target], { mode, owner }, context);
  }
  const opened = file === "-"
    ? { content: world.terminal.chunks(), mode: undefined }
    : await world.fileStreams.open(path);
  if (opened === undefined) {
    throw new PxrunError("USAGE", `there is no file ${file}`, {
      hint: "name a file or a folder to copy",
    });
  }
  const kept = opened.mode?.toString(8).padStart(4, "0");
  const name = file === "-" ? undefined : basename(path);
  const { connectCluster } = await import("../cluster.ts");
  const content = opened.content[Symbol.asyncIterator]();
  try {
    await interruptible(world, `the push to ${container}`, async (signal) => {
      await using cluster = await connectCluster(context, { signal });
      const source = { [Symbol.asyncIterator]: () => content };
      await push(cluster, container, source, target, { name, owner, mode: mode ?? kept, signal });
    });
  } finally {
    // Standard input may never end: nobody waits for it.
    if (file !== "-") await content.return?.();
  }
}

async function runFolder(
  [container, folder, target]: readonly [string, string, string],
  { mode, owner }: Options,
  context: Context,
): Promise<void> {
  if (mode !== undefined) {
    throw new PxrunError("USAGE", `${folder} is a folder: --mode is for a single file`, {
      hint: "what is in a folder keeps its modes",
    });
  }
  const { connectCluster } = await import("../cluster.ts");
  const { pushFolder } = await import("../../lifecycle/copy_folder.ts");
  const onLeftOut = leftOut(context.world);
  await interruptible(context.world, `the push to ${container}`, async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    await pushFolder(cluster, container, folder, target, { owner, onLeftOut, signal });
  });
}
