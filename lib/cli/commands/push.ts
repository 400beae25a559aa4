import { basename, resolve } from "node:path";
import { quote } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";
import type { GetContext, Root } from "../program.ts";
import { type Context, interruptible } from "../context.ts";

interface Options {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
}

/** `pxrun push CT FILE TARGET` */
export function addPush(root: Root, context: GetContext): void {
  root.command("push")
    .summary("copy a file into a container")
    .description("Copies one file into a running container, as cp does; - is standard input.")
    .argument("<container>", "a vmid or a hostname")
    .argument("<file>", "a file of this machine, or -")
    .argument("<target>", "an absolute path in the container: a file, or a folder to copy into")
    .option("--mode <mode>", "in octal; else that of the file")
    .option("--owner <owner>", "user or user:group; else root, or who owns what is there")
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
  const path = resolve(world.cwd, file);
  if (file !== "-" && await world.fileStreams.isFolder(path)) {
    throw new PxrunError("NOT_BUILT", `${file} is a folder: push copies single files`, {
      hint: `tar c -C ${quote(file)} . | pxrun exec ${quote(container)} -- tar x -C ${
        quote(target)
      }`,
    });
  }
  const opened = file === "-"
    ? { content: world.terminal.chunks(), mode: undefined }
    : await world.fileStreams.open(path);
  if (opened === undefined) {
    throw new PxrunError("USAGE", `there is no file ${file}`, { hint: "name a file to copy" });
  }
  const kept = opened.mode?.toString(8).padStart(4, "0");
  const name = file === "-" ? undefined : basename(path);
  const { connectCluster } = await import("../cluster.ts");
  const { push } = await import("../../lifecycle/copy.ts");
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
