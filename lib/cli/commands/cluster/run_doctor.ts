import { diagnose } from "../../../doctor/diagnose.ts";
import type { Finding } from "../../../doctor/finding.ts";
import { adviceText } from "../../../render/remedy.ts";
import { findingText, summaryText } from "../../../render/doctor.ts";
import { connectOptions } from "../../app/cluster.ts";
import { outStyle } from "../../app/colors.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { Finished } from "../../app/exit.ts";
import { print } from "../../app/output.ts";

/** Checks everything and prints what it finds as it goes. */
export async function runDoctor(context: Context): Promise<void> {
  const { platform, format, verbose, choice } = context;
  const findings: Finding[] = [];
  const style = outStyle(context);
  await interruptible(platform, "the examination", async (signal) => {
    const { context: _, tempToken: __, ...options } = connectOptions(context, { signal });
    // An unknown host is a finding: nothing is changed.
    const ask = options.ask && { ...options.ask, trust: () => Promise.resolve(false) };
    for await (
      const finding of diagnose(platform, { ...options, ...choice, ...(ask && { ask }) })
    ) {
      findings.push(finding);
      if (format === "table") platform.terminal.out(findingText(finding, style, verbose));
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
