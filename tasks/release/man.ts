import type { CommandUnknownOpts } from "../../deps/commander.ts";
import type { HelpSection } from "../../lib/cli/app/help/help.ts";
import { helpSections } from "../../lib/cli/app/help/help_page.ts";
import { createProgram } from "../../lib/cli/app/program.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { denoPlatform } from "../../lib/host/mod.ts";

/**
 * The man pages of the command tree: one for each command.
 *
 * @param version The version of pxrun.
 * @returns File name to text, in the man macros of roff.
 */
export function manPages(version: string): Map<string, string> {
  const program = createProgram(denoPlatform(), [], runCli);
  const pages = new Map<string, string>();
  const add = (command: CommandUnknownOpts): void => {
    pages.set(`${pageOf(command)}.1`, manPage(command, version));
    command.commands.forEach(add);
  };
  add(program);
  return pages;
}

/** `pxrun-config-set` */
function pageOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${pageOf(command.parent)}-${command.name()}`;
}

function manPage(command: CommandUnknownOpts, version: string): string {
  const page = pageOf(command);
  const [usage, description, ...body] = helpSections(command);
  const summary = command.parent === null
    ? "create and manage LXC containers on Proxmox VE"
    : command.summary();
  return [
    `.TH ${page.toUpperCase()} 1 "" "pxrun ${version}" "pxrun manual"`,
    ".SH NAME",
    `${roff(page)} \\- ${roff(summary)}`,
    ".SH SYNOPSIS",
    `.B ${roff(textOf(usage).replace(/^Usage: /, ""))}`,
    ".SH DESCRIPTION",
    ...paragraph(textOf(description)),
    ...body.flatMap(sectionLines),
    ...examples(command),
    ...seeAlso(command),
  ].map((line) => `${line}\n`).join("");
}

function textOf(section: HelpSection | undefined): string {
  return section !== undefined && "text" in section ? section.text : "";
}

function sectionLines(section: HelpSection): string[] {
  if ("text" in section) {
    const [, title, text] = /^(Exit status|Global options): (.*)$/s.exec(section.text) ?? [];
    if (title === undefined || text === undefined) return [".PP", ...paragraph(section.text)];
    return [`.SH ${title.toUpperCase()}`, ...paragraph(text)];
  }
  const title = section.heading.replace(/:$/, "").toUpperCase();
  return [
    `.SH ${title}`,
    ...section.items.flatMap(([term, description]) => [
      ".TP",
      `.B ${roff(term)}`,
      ...paragraph(description),
    ]),
  ];
}

/** The examples of a command, which are at the end of its help; those of the root are a section. */
function examples(command: CommandUnknownOpts): string[] {
  if (command.parent === null) return [];
  let help = "";
  command.configureOutput({ writeOut: (text) => help += text }).outputHelp();
  const [, text] = /\nExamples:\n([\s\S]*)$/.exec(help) ?? [];
  if (text === undefined) return [];
  return [".SH EXAMPLES", ".nf", ...text.trimEnd().split("\n").map((line) => roff(line)), ".fi"];
}

function seeAlso(command: CommandUnknownOpts): string[] {
  const pages = [command.parent, ...command.commands].flatMap((one) => one === null ? [] : [one]);
  if (pages.length === 0) return [];
  return [".SH SEE ALSO", pages.map((one) => `${roff(pageOf(one))}(1)`).join(",\n")];
}

function paragraph(text: string): string[] {
  return text.split("\n").map((line) => roff(line.trim()));
}

/** Text with nothing in it that roff takes for its own: hyphens are to be copied as they are. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/, "\\&$1");
}
