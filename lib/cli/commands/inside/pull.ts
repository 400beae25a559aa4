import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun pull CT PATH TARGET` */
export function addPull(root: Root, context: GetContext): void {
  documented(root.command("pull"), {
    summary: "copy a file or a directory out of a container",
    description:
      "Copy a file or a directory out of a running container, as cp -r does: into a target that " +
      "is a directory, or to a new name; DIRECTORY/. copies its contents.",
    examples: [
      ["pxrun pull web-1 /etc/hosts .", "into the current directory"],
      ["pxrun pull web-1 /etc/nginx backup", "a directory, under another name"],
      ["pxrun pull web-1 /etc/hosts - | less", "to standard output"],
    ],
  })
    .argument("<container>", "VMID or hostname")
    .argument("<path>", "absolute path in the container")
    .argument("<target>", "name or directory on this machine, or - for standard output")
    .option("--mode <mode>", "mode of the file, in octal (default: as in the container)")
    .action(async (container, path, target, { mode }) =>
      await (await import("./run_copy.ts")).runPull([container, path, target], mode, context())
    );
}
