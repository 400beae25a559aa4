import type { CommandUnknownOpts } from "../../deps/commander.ts";
import type { HelpSection } from "../../lib/cli/app/help/help.ts";
import { helpSections } from "../../lib/cli/app/help/help_page.ts";
import { createProgram } from "../../lib/cli/app/program.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { denoPlatform } from "../../lib/host/mod.ts";

/** The command reference as Markdown, from the command tree: each command below its help group. */
export function commandReference(): string {
  const program = createProgram(denoPlatform(), [], runCli);
  const groups = Map.groupBy(program.commands, (one) => one.helpGroup().replace(/:$/, ""));
  const [, , ...rest] = helpSections(program);
  const shared = rest.filter((section) =>
    "text" in section ? section.text.startsWith("Exit status") : section.heading === "Options:"
  );
  return [
    "# Commands",
    "Every command with its arguments, options and examples, as `pxrun help COMMAND` prints them.",
    ...[...groups].flatMap(([group, commands]) => [
      `## ${group}`,
      ...commands.flatMap((one) => commandText(one, 3)),
    ]),
    "## Global options",
    "They apply to every command.",
    ...shared.map((section) => sectionText(section, "")),
  ].join("\n\n") + "\n";
}

/** `pxrun config set` */
function nameOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function commandText(command: CommandUnknownOpts, level: number): string[] {
  const [usage, description, ...body] = helpSections(command);
  const line = usage !== undefined && "text" in usage ? usage.text.replace(/^Usage: /, "") : "";
  const own = body.filter((section) =>
    "heading" in section && section.items.some(([term]) => term !== "-h, --help")
  );
  return [
    `${"#".repeat(level)} ${nameOf(command)}`,
    `\`\`\`text\n${line}\n\`\`\``,
    ...(description === undefined ? [] : [sectionText(description, "")]),
    // Its commands follow, each with a text of its own.
    ...own.filter((section) => command.commands.length === 0 || isOptions(section))
      .map((section) => sectionText(section, "-h, --help")),
    ...examplesOf(command),
    ...command.commands.flatMap((one) => commandText(one, level + 1)),
  ];
}

function isOptions(section: HelpSection): boolean {
  return "heading" in section && section.heading === "Options:";
}

function sectionText(section: HelpSection, without: string): string {
  if ("text" in section) return prose(section.text);
  const title = section.heading.replace(/:$/, "");
  const rows = section.items.filter(([term]) => term !== without)
    .map(([term, text]) => `| \`${cell(term)}\` | ${cell(prose(text))} |`);
  return [`| ${title} | |`, "| --- | --- |", ...rows].join("\n");
}

/** The examples, which commander keeps as a text at the end of the help. */
function examplesOf(command: CommandUnknownOpts): string[] {
  let help = "";
  command.configureOutput({ writeOut: (text) => help += text }).outputHelp();
  const [, text] = /\nExamples:\n([\s\S]*)$/.exec(help) ?? [];
  if (text === undefined) return [];
  return ["Examples:", `\`\`\`text\n${text.trimEnd().replace(/^ {2}/gm, "")}\n\`\`\``];
}

/** Plain text in which nothing is Markdown or HTML but what is in backquotes. */
function prose(text: string): string {
  return text.split(/(`[^`]+`)/).map((part) =>
    part.startsWith("`")
      ? part
      : part.replace(/[\\*_[\]{}]/g, "\\$&").replaceAll("<", "&lt;").replaceAll("~", "\\~")
  ).join("");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
