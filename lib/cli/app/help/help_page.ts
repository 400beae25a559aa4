import type { CommandUnknownOpts, HelpConfiguration, Option } from "../../../../deps/commander.ts";
import { type HelpItem, type HelpSection, helpText } from "./help.ts";

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

/** How commander writes help. */
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

/** What every command takes besides, in one paragraph. */
function globalOptions(command: CommandUnknownOpts): string {
  let root = command;
  while (root.parent !== null) root = root.parent;
  const flags = root.options.filter(({ long }) => long !== "--version").map((one) => one.flags);
  return `Global options: ${flags.join("; ")}. See pxrun --help.`;
}

const ROOT_END: readonly HelpSection[] = [
  {
    heading: "Examples:",
    items: [
      ["pxrun setup", "create a token for your cluster, and the config file"],
      ["pxrun create web.yaml", "create a container from a recipe"],
      ["pxrun create", "the same by answering questions"],
      ["pxrun list --ips", "list every container, with its addresses"],
      ["pxrun shell web-1", "open a terminal in it"],
      ["pxrun destroy web-1", "remove it"],
      ["pxrun demo", "all of that on an embedded cluster; nothing else is needed"],
    ],
  },
  {
    text: "Containers are named by VMID or hostname; all digits is always a VMID. " +
      "`pxrun help COMMAND` explains a command.",
  },
  {
    text: "Exit status: 0 done, 1 failed, 2 usage or invalid recipe, 3 not found, " +
      "4 authentication or permission, 5 unreachable, 130 interrupted. exec and shell exit with " +
      "the status of what they run, and with 125 for a failure of pxrun itself.",
  },
];
