import { userName } from "../os/accounts.ts";
import { textOf } from "../os/bytes.ts";
import { Errno } from "../os/errno.ts";
import type { Process, Program } from "../os/process.ts";
import { basename } from "../os/tree.ts";
import { isSingle, parse, SyntaxFailure } from "./ast.ts";
import { ShellError } from "./jumps.ts";
import { Shell } from "./shell.ts";
import { type Flavor, OPTION_NAMES, ShellState } from "./state.ts";
import { runStatements } from "./statements.ts";

interface Invocation {
  readonly options: readonly string[];
  readonly login: boolean;
  readonly source: "command" | "stdin" | "file";
  /** The words behind the options. */
  readonly words: readonly string[];
}

/** The shell as a program: `sh [-eux] [-c command | -s | file] [name] [args…]`. */
export function shellProgram(flavor: Flavor): Program {
  return async (process) => {
    const state = new ShellState(basename(process.argv[0] ?? "sh").replace(/^-/, ""), flavor);
    const shell = new Shell(process, state, runStatements);
    importEnvironment(process, state);
    return await shell.main(() => runInvocation(shell, readArguments(process.argv)));
  };
}

function importEnvironment(process: Process, state: ShellState): void {
  for (const [name, value] of process.env) {
    if (/^[A-Za-z_]\w*$/.test(name)) state.set(name, value, true);
  }
  state.pid = String(process.pid);
  state.set("IFS", " \t\n", false);
  state.set("PWD", process.cwd, true);
}

function readArguments(argv: readonly string[]): Invocation {
  const words = argv.slice(1);
  const options: string[] = [];
  let login = argv[0]?.startsWith("-") ?? false;
  let source: Invocation["source"] | undefined;
  for (let word; (word = words[0]) !== undefined && /^-./.test(word);) {
    words.shift();
    if (word === "--") break;
    for (const letter of word.slice(1)) {
      const name = letter === "o" ? words.shift() : OPTION_NAMES[letter];
      if (letter === "c") source = "command";
      else if (letter === "s") source = "stdin";
      else if (letter === "l") login = true;
      else if (name !== undefined) options.push(name);
      else if (letter !== "i") throw new ShellError(`Illegal option -${letter}`);
    }
  }
  return { options, login, source: source ?? (words.length > 0 ? "file" : "stdin"), words };
}

async function runInvocation(shell: Shell, invocation: Invocation): Promise<void> {
  const { state } = shell;
  const [first, ...rest] = invocation.words;
  for (const name of invocation.options) state.options.add(name);
  if (invocation.login) await runProfile(shell);
  if (invocation.source === "stdin") {
    state.positional = [...invocation.words];
    return await runStdin(shell);
  }
  if (first === undefined) throw new ShellError("-c requires an argument");
  if (invocation.source === "command") {
    state.name = rest[0] ?? state.name;
    state.positional = rest.slice(1);
    shell.replaceable = isSingle(tryParse(first) ?? []);
    return await runLines(shell, linesOf(first));
  }
  const text = await readScript(shell, first);
  state.name = first;
  state.positional = rest;
  await runLines(shell, linesOf(text));
}

async function runProfile(shell: Shell): Promise<void> {
  for (const file of ["/etc/profile", `${shell.state.get("HOME") ?? ""}/.profile`]) {
    if (shell.process.may(file, 4)) await shell.runText(textOf(await shell.process.readFile(file)));
  }
}

async function readScript(shell: Shell, file: string): Promise<string> {
  try {
    return textOf(await shell.process.readFile(file));
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new ShellError(`cannot open ${file}: ${error.message}`);
  }
}

type NextLine = () => Promise<string | undefined>;

function linesOf(text: string): NextLine {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let at = 0;
  return () => Promise.resolve(lines[at++]);
}

/** A script on standard input is read line by line: its commands share that input. */
async function runStdin(shell: Shell): Promise<void> {
  if (shell.process.fds.get(0)?.terminal !== true) {
    return await runLines(shell, () => shell.process.readLine(0));
  }
  shell.interactive = true;
  await runLines(shell, async () => {
    await shell.process.err(prompt(shell));
    return await shell.process.readLine(0);
  });
}

/** `root@web:~# ` */
function prompt({ process, system, state }: Shell): string {
  const file = system.tree.find("/etc/hostname");
  const host = file?.kind === "file" ? textOf(file.data).trim() : "localhost";
  const home = state.get("HOME") ?? "/root";
  const dir = process.cwd === home ? "~" : process.cwd;
  const user = userName(system.tree, process.who.uid);
  return `${user}@${host}:${dir}${process.who.uid === 0 ? "#" : "$"} `;
}

/** Runs each command as soon as its last line is there. */
async function runLines(shell: Shell, next: NextLine): Promise<void> {
  let lines: string[] = [];
  let ended = 0;
  let nextTry = 1;
  let hereDoc: HereDoc | undefined;
  for (let line; (line = await next()) !== undefined;) {
    lines.push(line);
    if (hereDoc !== undefined && !ends(hereDoc, line)) continue;
    if (hereDoc === undefined && (lines.length < nextTry || !mayEnd(line, lines.length))) continue;
    const statements = tryParse(lines.join(""));
    hereDoc = statements === undefined ? hereDocOf(line) : undefined;
    if (statements === undefined) {
      // Long blocks are not parsed again for every line of theirs.
      nextTry = lines.length < 60 ? lines.length + 1 : Math.ceil(lines.length * 1.1);
      continue;
    }
    const offset = ended;
    ended += lines.length;
    [lines, nextTry] = [[], 1];
    await runNumbered(shell, statements, offset);
  }
  const rest = lines.join("");
  if (rest === "") return;
  const statements = tryParse(rest) ?? parse(rest.replace(/\\\n?$/, "")).statements;
  await runNumbered(shell, statements, ended);
}

type Statements = ReturnType<typeof parse>["statements"];

async function runNumbered(shell: Shell, statements: Statements, offset: number): Promise<void> {
  shell.lineOffset = offset;
  try {
    await shell.run(statements);
  } catch (error) {
    if (!(error instanceof ShellError) || !shell.interactive) throw error;
    await shell.complain(error.message);
    shell.state.status = error.status;
  }
}

function tryParse(text: string): Statements | undefined {
  try {
    return parse(text).statements;
  } catch (error) {
    if (error instanceof SyntaxFailure) return undefined;
    throw error;
  }
}

/** True if a long command can end with this line; a short one is just tried. */
function mayEnd(line: string, lines: number): boolean {
  return lines < 60 || /[)}'"`;]|\b(fi|done|esac)\b/.test(line);
}

interface HereDoc {
  readonly delimiter: string;
  readonly tabs: boolean;
}

/** The here-document that begins on this line of an incomplete command, if any. */
function hereDocOf(line: string): HereDoc | undefined {
  const match = /<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([A-Za-z_][\w.-]*))/.exec(line);
  if (match === null) return undefined;
  return { delimiter: match[2] ?? match[3] ?? match[4] ?? "", tabs: match[1] === "-" };
}

function ends({ delimiter, tabs }: HereDoc, line: string): boolean {
  return (tabs ? line.replace(/^\t+/, "") : line).replace(/\n$/, "") === delimiter;
}
