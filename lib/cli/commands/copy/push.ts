import { basename, resolve } from "node:path";
import { PxrunError } from "../../../core/errors.ts";
import type { GetContext, Root } from "../../app/root.ts";
import { examples } from "../../app/help/help_page.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { leftOut } from "../../app/output.ts";
import { meter } from "./transfer.ts";

interface Options {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
}

/** `pxrun push CT PATH TARGET` */
export function addPush(root: Root, context: GetContext): void {
  root.command("push")
    .summary("copy a file or a directory into a container")
    .description(
      "Copy a file or a directory into a running container, as cp -r does: into a target that is " +
        "a directory, or to a new name; DIRECTORY/. copies its contents.",
    )
    .argument("<container>", "VMID or hostname")
    .argument("<path>", "file or directory on this machine, or - for standard input")
    .argument("<target>", "absolute path in the container: a name, or a directory to copy into")
    .option("--mode <mode>", "mode of the file, in octal (default: as on this machine)")
    .option("--owner <owner>", "user or user:group (default: owner of the existing file, or root)")
    .addHelpText(
      "after",
      examples([
        ["pxrun push web-1 app.conf /etc/app/", "into a directory"],
        ["pxrun push web-1 site/. /srv/www --owner www-data", "the contents of a directory"],
        ["pg_dump app | pxrun push web-1 - /var/backups/app.sql", "from standard input"],
      ]),
    )
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
  const { checkPath, push } = await import("../../../operations/copy/copy.ts");
  checkPath(file);
  const path = resolve(world.cwd, file);
  if (file !== "-" && await world.fileStreams.isFolder(path)) {
    return await runFolder([container, file, target], { mode, owner }, context);
  }
  const opened = file === "-"
    ? { content: world.terminal.chunks(), mode: undefined, size: undefined }
    : await world.fileStreams.open(path);
  if (opened === undefined) {
    throw new PxrunError("NOT_FOUND", `file ${file} not found`, {
      hint: "name a file or a directory to copy",
    });
  }
  const kept = opened.mode?.toString(8).padStart(4, "0");
  const name = file === "-" ? undefined : basename(path);
  const { connectCluster } = await import("../../app/cluster.ts");
  const content = opened.content[Symbol.asyncIterator]();
  try {
    await interruptible(world, `the push to ${container}`, async (signal) => {
      await using cluster = await connectCluster(context, { signal });
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

async function runFolder(
  [container, folder, target]: readonly [string, string, string],
  { mode, owner }: Options,
  context: Context,
): Promise<void> {
  if (mode !== undefined) {
    throw new PxrunError("USAGE", `${folder} is a directory: --mode is for a single file`, {
      hint: "what is in a directory keeps its modes",
    });
  }
  const { connectCluster } = await import("../../app/cluster.ts");
  const { pushFolder } = await import("../../../operations/copy/copy_folder.ts");
  const tell = leftOut(context.world);
  await interruptible(context.world, `the push to ${container}`, async (signal) => {
    await using cluster = await connectCluster(context, { signal });
    using progress = meter(context);
    const onLeftOut = (path: string) => progress.note(() => tell(path));
    const onBytes = progress.count;
    await pushFolder(cluster, container, folder, target, { owner, onLeftOut, onBytes, signal });
    progress.end(`${container}:${target}`);
  });
}
