import { plain } from "../../../core/plain.ts";
import { diagnose } from "../../../doctor/diagnose.ts";
import type { Finding } from "../../../doctor/finding.ts";
import { adviceText } from "../../../render/remedy.ts";
import { findingText, summaryText } from "../../../render/doctor.ts";
import { outStyle } from "../../app/colors.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { Finished } from "../../app/exit.ts";
import { print } from "../../app/output.ts";
import { loginQuestions } from "../../prompts/login_questions.ts";
import { terminalQuestions } from "../../prompts/ssh_questions.ts";

/** Checks everything and prints what it finds as it goes. */
export async function runDoctor(context: Context): Promise<void> {
  const { world, format, verbose, debug, choice, insecure } = context;
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
    data: {
      healthy,
      findings: findings.map((one) => ({
        ...one,
        remedy: adviceText({ hint: one.remedy, remedies: one.remedies }),
      })),
    },
  });
  if (!healthy) throw new Finished(1);
}
