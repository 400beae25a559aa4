import { plainData } from "../core/plain.ts";
import type { Finding, ShownSetting, Verdict } from "../doctor/finding.ts";
import { adviceText } from "./remedy.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { fold } from "./width.ts";

/** Mark and colour of each verdict. */
const marks = {
  ok: ["✓", "green"],
  warning: ["!", "yellow"],
  failed: ["✗", "red"],
  skipped: ["–", "dim"],
} as const satisfies Record<Verdict, readonly [mark: string, color: keyof Style]>;

/** One finding: its line, its remedy, and with `verbose` the settings. */
export function findingText(finding: Finding, style: Style, verbose: boolean): string {
  const { check, verdict, message, remedy: hint, remedies, settings } = plainData(finding);
  const remedy = adviceText({ hint, remedies });
  const [mark, color] = marks[verdict];
  const name = verdict === "skipped" ? "" : check.padEnd(10);
  const line = `${style[color](mark)} ${name}${indented(message, 12, style)}\n`;
  const help = remedy === undefined ? "" : `    → ${indented(remedy, 6, style)}\n`;
  return line + help + (verbose && settings ? settingsText(settings, style) : "");
}

/** Summary of all findings. */
export function summaryText(findings: readonly Finding[], style: Style): string {
  const count = (verdict: Verdict): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const [wrong, notable] = [count("failed"), count("warning")];
  const said = wrong === 0 ? style.green("no problems found") : style.red(`${wrong} ✗`);
  return `${said}${notable === 0 ? "" : `, ${notable} !`}\n`;
}

function indented(text: string, by: number, style: Style): string {
  return fold(text, room(style, by)).replaceAll("\n", `\n${" ".repeat(by)}`);
}

function room({ columns }: Style, indent: number): number | undefined {
  return columns === undefined ? undefined : columns - indent;
}

function settingsText(settings: readonly ShownSetting[], style: Style): string {
  const rows = table<ShownSetting>(
    [
      { heading: "SETTING", cell: ({ name }) => name },
      { heading: "VALUE", cell: ({ value }) => value, least: 16 },
      {
        heading: "FROM",
        cell: ({ source, from, hides }) =>
          `${source}: ${from}${hides.length === 0 ? "" : `, not ${hides.join(", ")}`}`,
        least: 12,
        optional: true,
      },
    ],
    settings,
    { ...style, columns: room(style, 4) },
  );
  return rows.replaceAll(/^(?=.)/gm, "    ");
}
