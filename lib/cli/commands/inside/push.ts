import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun push CT PATH TARGET` */
export function addPush(root: Root, context: GetContext): void {
  documented(root.command("push"), {
    summary: "copy a file or a directory into a container",
    description:
      "Copy a file or a directory into a running container, as cp -r does: into a target that is " +
      "a directory, or to a new name; DIRECTORY/. copies its contents.",
    examples: [
      ["pxrun push web-1 app.conf /etc/app/", "into a directory"],
      ["pxrun push web-1 site/. /srv/www --owner www-data", "the contents of a directory"],
      ["pg_dump app | pxrun push web-1 - /var/backups/app.sql", "from standard input"],
    ],
  })
    .argument("<container>", "VMID or hostname")
    .argument("<path>", "file or directory on this machine, or - for standard input")
    .argument("<target>", "absolute path in the container: a name, or a directory to copy into")
    .option("--mode <mode>", "mode of the file, in octal (default: as on this machine)")
    .option("--owner <owner>", "user or user:group (default: owner of the existing file, or root)")
    .action(async (container, file, target, flags) =>
      await (await import("./run_copy.ts")).runPush([container, file, target], flags, context())
    );
}
