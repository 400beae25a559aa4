import { documented } from "../../app/help/help_page.ts";
import { typed } from "../../app/help/typed.ts";
import type { GetContext, Root } from "../../app/root.ts";
import { filters, PARALLEL } from "../../app/selectors.ts";

/** `pxrun exec CT… -- COMMAND…` */
export function addExec(root: Root, context: GetContext): void {
  filters(documented(root.command("exec"), {
    summary: "run a command in a container, or in several",
    description:
      "Run a command as root in a running container, without a shell. Standard input, output " +
      "and error, signals and the exit status are those of the command; failures of pxrun " +
      "itself exit 125. In several containers it runs side by side without standard input, each " +
      "line of output prefixed with the container; the exit status is 0 if all had 0, 125 if " +
      "pxrun itself failed, 1 otherwise.",
    examples: [
      ["pxrun exec web-1 -- ls -la /etc", "run one command"],
      ["pxrun exec web-1 -- sh -c 'ls /etc | wc -l'", "run a shell for pipes and variables"],
      ["pxrun exec --tag web -- systemctl is-active nginx", "run it in all that have the tag"],
      ["tar c . | pxrun exec web-1 -- tar x -C /srv", "pass standard input on"],
    ],
  }))
    .usage("[options] CT -- COMMAND…\n       pxrun exec [options] CT… | --tag TAG … -- COMMAND…")
    .argument(
      "<container -- command...>",
      "VMIDs or hostnames, --, and the command with its arguments",
    )
    .option(...PARALLEL)
    .action(async (words, flags) => {
      const { refuseTakenOptions, runExec, splitWords } = await import("./run_exec.ts");
      const common = context();
      refuseTakenOptions(typed(root, common.args));
      await runExec({ ...splitWords(words, common.args), ...flags }, common);
    });
}
