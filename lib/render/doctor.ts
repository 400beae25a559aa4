import { plainData } from "../core/plain.ts";
import type { Finding, ShownSetting, Verdict } from "../doctor/finding.ts";
import { adviceText } from "./remedy.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";
import { fold } from "./width.ts";

const marks: Readonly<Record<Verdict, string>> = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  skipped: "–",
};

/** One finding: its line, what to do about it, and with `verbose` the settings. */
export function findingText(finding: Finding, style: Style, verbose: boolean): string {
  const { check, verdict, message, remedy: hint, remedies, settings } = plainData(finding);
  const remedy = adviceText({ hint, remedies });
  const mark = colour(verdict, style)(marks[verdict]);
  const lines = [
    `${mark} ${verdict === "skipped" ? "" : check.padEnd(10)}${indented(message, 12, style)}`,
  ];
  if (remedy !== undefined) lines.push(`    → ${indented(remedy, 6, style)}`);
  return lines.map((line) => `${line}\n`).join("") +
    (verbose && settings !== undefined ? settingsText(settings, style) : "");
}

/** How it came out as a whole. */
export function summaryText(findings: readonly Finding[], style: Style): string {
  const count = (verdict: Verdict): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const [wrong, notable] = [count("failed"), count("warning")];
  const said = wrong === 0 ? style.green("nothing is wrong") : style.red(`${wrong} ✗`);
  return `${said}${notable === 0 ? "" : `, ${notable} !`}\n`;
}

function colour(verdict: Verdict, style: Style): (text: string) => string {
  if (verdict === "ok") return style.green;
  if (verdict === "warning") return style.yellow;
  return verdict === "failed" ? style.red : style.dim;
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
