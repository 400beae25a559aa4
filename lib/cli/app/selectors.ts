import { type Command, Option } from "../../../deps/commander.ts";
import { collect, readCount } from "./context.ts";
import type { Root } from "./root.ts";

/** States of a container. */
const statuses = ["running", "stopped", "unknown"] as const;

/** A subcommand that has no arguments and options of its own yet. */
// deno-lint-ignore ban-types -- that is how Commander writes no options
export type NewCommand = Command<[], {}, ReturnType<Root["opts"]>>;

/** The flags of a command that selects containers, those of {@linkcode selected} and these. */
export interface SelectedOptions {
  readonly containers: readonly string[];
  readonly tag?: readonly string[] | undefined;
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  readonly parallel?: number | undefined;
  readonly yes?: true | undefined;
  readonly dryRun?: true | undefined;
  readonly quiet?: true | undefined;
}

/** `-q`: for programs that name containers to others. */
export const QUIET = [
  "-q, --quiet",
  "print only hostnames (VMIDs of containers without a unique one)",
] as const;

/** `--parallel`, the same on every command that works on several containers. */
export const PARALLEL = [
  "--parallel <n>",
  "number of containers at once (default: 8)",
  readCount,
] as const;

/** Adds `--tag`, `--node` and `--status`. */
export function filters(command: NewCommand) {
  return command
    .addOption(
      new Option("--tag <tag>", "only containers with this tag, repeatable (all must match)")
        .argParser(collect),
    )
    .addOption(new Option("--node <node>", "only containers on this node"))
    .addOption(new Option("--status <status>", "only containers in this state").choices(statuses));
}

/** Adds what a command needs that works on containers, one or many: `CT…`, filters, `--yes`. */
export function selected(command: NewCommand) {
  return filters(command)
    .argument("[containers...]", "VMIDs or hostnames")
    .option(...PARALLEL)
    .option("-y, --yes", "do not ask (required without a terminal)");
}
