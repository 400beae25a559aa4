import type { CommandUnknownOpts } from "../../../../deps/commander.ts";
import { commandLine } from "../../../core/argv.ts";
import { rootOf } from "./help_page.ts";

/** A command line as it was typed: the command that it names, and all else. */
export interface Typed {
  /** The innermost command that there is. */
  readonly command: CommandUnknownOpts;
  /** The words that name it, the program's name first. */
  readonly path: readonly string[];
  /** Everything but those words, in its order. */
  readonly rest: readonly string[];
}

/** Finds the command in a command line, wherever options are. */
export function typed(root: CommandUnknownOpts, args: readonly string[]): Typed {
  let command = root;
  const path = [root.name()];
  const rest: string[] = [];
  let open = true;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? "";
    const sub = open ? command.commands.find((one) => isNamed(one, word)) : undefined;
    if (sub !== undefined) {
      command = sub;
      path.push(word);
      continue;
    }
    rest.push(word);
    if (takesValue(word, [root, command]) && i + 1 < args.length) rest.push(args[++i] ?? "");
    else if (!word.startsWith("-") || word === "--") open = false;
  }
  return { command, path, rest };
}

function isNamed(command: CommandUnknownOpts, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

function takesValue(word: string, commands: readonly CommandUnknownOpts[]): boolean {
  return commands.some(({ options }) =>
    options.some((option) => option.required && (option.short === word || option.long === word))
  );
}

/** The words that are neither options nor their values; after `--` all are. */
export function operandsOf({ command, rest }: Typed): string[] {
  const found: string[] = [];
  const root = rootOf(command);
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (word === "--") return [...found, ...rest.slice(i + 1)];
    if (takesValue(word, [root, command])) i++;
    else if (!word.startsWith("-") || word === "-") found.push(word);
  }
  return found;
}

/**
 * The same `exec` with `--` where it belongs: behind the container.
 *
 * @returns Undefined where it is there, or where no command follows.
 */
export function withDashes(line: Typed): string | undefined {
  const [container] = operandsOf(line);
  const at = container === undefined ? -1 : line.rest.indexOf(container);
  if (at < 0 || line.rest.includes("--") || at + 1 >= line.rest.length) return undefined;
  return commandLine([...line.path, ...line.rest.toSpliced(at + 1, 0, "--")]);
}

/** The `push` or `pull` that is meant by paths as docker and scp take them: `web-1:/tmp`. */
export function copyLine(paths: readonly string[]): string | undefined {
  const [from, to] = paths.map(remote);
  if (paths.length !== 2 || from === undefined || to === undefined) return undefined;
  if (to.container !== undefined && from.container === undefined) {
    return commandLine(["pxrun", "push", to.container, from.path, to.path]);
  }
  if (from.container !== undefined && to.container === undefined) {
    return commandLine(["pxrun", "pull", from.container, from.path, to.path]);
  }
  return undefined;
}

function remote(text: string): { readonly container?: string; readonly path: string } {
  const [, container, path] = /^(?:\w+@)?([A-Za-z0-9][\w.-]+):(.*)$/.exec(text) ?? [];
  if (container === undefined || path === undefined) return { path: text };
  // scp starts in the home directory of the user, which is root's here.
  return { container, path: path.startsWith("/") ? path : `/root/${path.replace(/^~\/?/, "")}` };
}
