import { collect } from "../../app/context.ts";
import { documented } from "../../app/help/help_page.ts";
import type { GetContext, Root } from "../../app/root.ts";

/** `pxrun init [FILE]` */
export function addInit(root: Root, context: GetContext): void {
  documented(root.command("init"), {
    summary: "write a recipe by answering questions",
    description:
      "Write a recipe file by answering at most four questions; flags answer them beforehand. " +
      "The cluster is asked which templates it has, if it can be reached; nothing is created there.",
    examples: [
      ["pxrun init", "answer the questions, and write HOSTNAME.yaml"],
      ["pxrun init web.yaml --template debian-13", "ask for the rest"],
      ["pxrun init - --hostname web-1 --template debian-13", "print it"],
    ],
  })
    .argument("[file]", "file to write, or - for standard output (default: HOSTNAME.yaml)")
    .option("--hostname <name>", "container hostname")
    .option("--template <template>", "template: alias (debian-13), file name or volume ID")
    .option("--cores <n>", "CPU cores")
    .option("--memory <MiB>", "memory in MiB")
    .option("--storage <GiB>", "size of the root disk in GiB")
    .option("--ssh-key <key>", "public key for root, or its file, repeatable", collect)
    .option("--tag <tag>", "tag to add, repeatable", collect)
    .option("--set <path=value>", "set any other key of the recipe, repeatable", collect)
    .option("--force", "overwrite a file that exists")
    .action(async (file, options) =>
      await (await import("./run_init.ts")).runInit({ ...options, file }, context())
    );
}
