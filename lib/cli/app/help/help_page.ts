import type { CommandUnknownOpts, HelpConfiguration, Option } from "../../../../deps/commander.ts";
import { type HelpItem, type HelpSection, helpText, ROOT_END } from "./help.ts";

/** Help texts of a command. */
export interface CommandHelp {
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly HelpItem[];
}

/** Gives a command its help, with the examples at its end. */
export function documented<C extends CommandUnknownOpts>(
  command: C,
  { summary, description, examples: items }: CommandHelp,
): C {
  command.summary(summary).description(description).addHelpText("after", ({ error }) => {
    const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput();
    const width = error ? getErrHelpWidth?.() : getOutHelpWidth?.();
    return `\n${helpText([{ heading: "Examples:", items }], width ?? 80).trimEnd()}`;
  });
  return command;
}

/** Form of commander's help pages. */
export const helpPages: HelpConfiguration = {
  formatHelp: (command, helper) => helpText(helpSections(command), helper.helpWidth ?? 80),
};

/** The help page of a command; that of the root has its examples, too, and the exit statuses. */
export function helpSections(command: CommandUnknownOpts): HelpSection[] {
  const helper = command.createHelp();
  const usage = { text: `Usage: ${helper.commandUsage(command)}` };
  const options = {
    heading: "Options:",
    items: helper.visibleOptions(command).map((option) => optionItem(option)),
  };
  const body = [
    ...listed(
      "Arguments:",
      helper.visibleArguments(command).map((one) => [one.name(), one.description]),
    ),
    ...commandGroups(command),
    options,
  ];
  const description = { text: command.description() };
  if (command.parent === null) return [usage, description, ...body, ...ROOT_END];
  return [usage, description, ...body, { text: globalOptions(command) }];
}

function commandGroups(command: CommandUnknownOpts): HelpSection[] {
  const groups = Map.groupBy(command.commands, (one) => one.helpGroup() || "Commands:");
  return [...groups].flatMap(([heading, commands]) =>
    listed(heading, commands.map((one) => [one.name(), one.summary()]))
  );
}

function listed(heading: string, items: readonly HelpItem[]): HelpSection[] {
  return items.length === 0 ? [] : [{ heading, items }];
}

function optionItem({ flags, description, argChoices, defaultValue }: Option): HelpItem {
  const notes = [
    ...(argChoices === undefined ? [] : [argChoices.join(", ")]),
    ...(typeof defaultValue === "string" ? [`default: ${defaultValue}`] : []),
  ];
  return [flags, notes.length === 0 ? description : `${description} (${notes.join("; ")})`];
}

/** The global options, in one paragraph. */
function globalOptions(command: CommandUnknownOpts): string {
  const flags = rootOf(command).options.filter(({ long }) => long !== "--version").map((one) =>
    one.flags
  );
  return `Global options: ${flags.join("; ")}. See pxrun --help.`;
}

/** The command that all others are below. */
export function rootOf(command: CommandUnknownOpts): CommandUnknownOpts {
  return command.parent === null ? command : rootOf(command.parent);
}
