import { plain } from "../../core/plain.ts";
import type { GetContext, Root } from "../app/root.ts";
import { examples } from "../app/help/help_page.ts";
import { type Context, interruptible } from "../app/context.ts";
import type { Finding } from "../../doctor/finding.ts";

/** `pxrun doctor` */
export function addDoctor(root: Root, context: GetContext): void {
  root.command("doctor")
    .summary("diagnose configuration and connectivity")
    .description(
      "Check all that a create needs: config file and sops, the route to the API and its " +
        "certificate, the login and its rights, storages, bridges, SSH to every node. Nothing is " +
        "changed. --verbose shows every setting and its origin (a flag overrides the environment, " +
        "which overrides the config file). Exit status 1 if a check fails.",
    )
    .addHelpText(
      "after",
      examples([
        ["pxrun doctor", "check everything, with a remedy for each problem"],
        ["pxrun doctor --verbose", "with every setting and its origin"],
        ["pxrun doctor --json", "the findings as data"],
      ]),
    )
    .action(() => run(context()));
}

async function run(context: Context): Promise<void> {
  const { world, format, verbose, debug, choice, insecure } = context;
  const { diagnose } = await import("../../doctor/diagnose.ts");
  const { findingText, summaryText } = await import("../../render/doctor.ts");
  const { print } = await import("../app/output.ts");
  const { outStyle } = await import("../app/colors.ts");
  const { loginQuestions } = await import("../prompts/login_questions.ts");
  const { terminalQuestions } = await import("../prompts/ssh_questions.ts");
  const { Finished } = await import("../app/exit.ts");
  const findings: Finding[] = [];
  const style = outStyle(context);
  await interruptible(world, "the examination", async (signal) => {
    const asking = world.terminal.interactive && {
      // A host that is not known is what there is to tell, and nothing to change.
      ask: { ...terminalQuestions(world, signal), trust: () => Promise.resolve(false) },
      ...loginQuestions(world, signal),
    };
    const options = {
      ...choice,
      insecure,
      signal,
      ...asking,
      warn: (line: string) => world.terminal.err(`${plain(line)}\n`),
      ...(debug && { trace: (line: string) => world.terminal.err(`${plain(line)}\n`) }),
    };
    for await (const finding of diagnose(world, options)) {
      findings.push(finding);
      if (format === "table") world.terminal.out(findingText(finding, style, verbose));
    }
  });
  const healthy = findings.every(({ verdict }) => verdict !== "failed");
  await print(context, {
    table: (style) => summaryText(findings, style),
    data: { healthy, findings },
  });
  if (!healthy) throw new Finished(1);
}
