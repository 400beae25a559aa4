import { Errno } from "../os/errno.ts";
import type { AssignmentNode, CommandOf, SimpleCommandNode, WordNode } from "./ast.ts";
import { type Builtin, BUILTINS, NOT_IN_DASH, SPECIAL } from "./builtins/mod.ts";
import { expandFields, expandText } from "./expand.ts";
import { redirected, redirectForGood, RedirectionError } from "./redirect.ts";
import { runCompound } from "./compound.ts";
import type { Shell } from "./shell.ts";
import { ExitJump, ReturnJump, ShellError, type Variable } from "./state.ts";

/** Runs a simple command: assignments, a function, a builtin or a program. */
export async function runSimple(shell: Shell, command: SimpleCommandNode): Promise<void> {
  const { state } = shell;
  if (command.line !== undefined) state.line = command.line + shell.lineOffset;
  const words = await commandWords(shell, command);
  const [name, ...args] = words;
  if (name === undefined) {
    await redirected(shell, command.redirections, async () => {
      await assign(shell, command.assignments);
      // Only now, for a value may have asked for the status of the command before.
      if (!command.assignments.some(substitutes) && command.name === null) state.status = 0;
    });
    return;
  }
  await trace(shell, words);
  if (name === "exec") return await runExec(shell, command, args);
  const target = state.functions.get(name) ?? builtinOf(shell, name);
  if (target !== undefined) shell.replaceable = false;
  await redirected(shell, command.redirections, async () => {
    if (target === undefined) {
      const environment = await environmentFor(shell, command.assignments);
      state.status = await runProgram(shell, words, environment);
      return;
    }
    await withAssignments(
      shell,
      command.assignments,
      () =>
        typeof target === "function"
          ? runBuiltin(shell, target, name, args)
          : runFunction(shell, target, args),
    );
  });
}

function builtinOf({ state }: Shell, name: string): Builtin | undefined {
  return state.flavor === "dash" && NOT_IN_DASH.has(name) ? undefined : BUILTINS.get(name);
}

/** The words of a command. What `export` and its relatives assign is not split. */
async function commandWords(shell: Shell, command: SimpleCommandNode): Promise<string[]> {
  if (command.name === null) return [];
  const [first] = command.name.parts;
  const literal = first?.type === "Literal" && command.name.parts.length === 1 ? first.value : "";
  if (!/^(export|readonly|local|declare|typeset)$/.test(literal)) {
    return await expandFields(shell, [command.name, ...command.args]);
  }
  const words = [literal];
  for (const arg of command.args) {
    if (isAssignment(arg)) words.push(await expandText(shell, arg));
    else words.push(...await expandFields(shell, [arg]));
  }
  return words;
}

function isAssignment(word: WordNode): boolean {
  const [first] = word.parts;
  return first?.type === "Literal" && /^[A-Za-z_]\w*\+?=/.test(first.value);
}

function substitutes(assignment: AssignmentNode): boolean {
  const parts = assignment.value?.parts ?? [];
  return parts.some((part) =>
    part.type === "CommandSubstitution" ||
    part.type === "DoubleQuoted" && part.parts.some((inner) => inner.type === "CommandSubstitution")
  );
}

async function valueFor(shell: Shell, assignment: AssignmentNode): Promise<string> {
  if (assignment.array !== null || assignment.name.includes("[")) {
    throw new ShellError("arrays are not part of the simulated shell");
  }
  const value = assignment.value === null ? "" : await expandText(shell, assignment.value);
  return assignment.append ? (shell.state.get(assignment.name) ?? "") + value : value;
}

async function assign(shell: Shell, assignments: readonly AssignmentNode[]): Promise<void> {
  for (const assignment of assignments) {
    shell.state.set(assignment.name, await valueFor(shell, assignment));
  }
}

async function environmentFor(
  shell: Shell,
  assignments: readonly AssignmentNode[],
): Promise<Map<string, string>> {
  const environment = shell.state.environment();
  for (const assignment of assignments) {
    environment.set(assignment.name, await valueFor(shell, assignment));
  }
  return environment;
}

/** Assignments in front of a builtin or a function last as long as it runs. */
async function withAssignments(
  shell: Shell,
  assignments: readonly AssignmentNode[],
  run: () => Promise<void>,
): Promise<void> {
  const { variables } = shell.state;
  const before = new Map<string, Variable | undefined>();
  for (const { name } of assignments) before.set(name, variables.get(name));
  for (const assignment of assignments) {
    shell.state.set(assignment.name, await valueFor(shell, assignment), true);
  }
  try {
    await run();
  } finally {
    for (const [name, old] of before) {
      if (old === undefined) variables.delete(name);
      else variables.set(name, old);
    }
  }
}

async function runFunction(
  shell: Shell,
  definition: CommandOf<"FunctionDef">,
  args: readonly string[],
): Promise<void> {
  const { state } = shell;
  const positional = state.positional;
  const loops = shell.loops;
  state.positional = [...args];
  state.enterFunction();
  shell.loops = 0;
  try {
    await redirected(shell, definition.redirections, () => runCompound(shell, definition.body));
  } catch (error) {
    if (!(error instanceof ReturnJump)) throw error;
    state.status = error.status;
  } finally {
    shell.loops = loops;
    state.leaveFunction();
    state.positional = positional;
  }
}

/** Runs a builtin; an error of a special one ends a POSIX shell. */
export async function runBuiltin(
  shell: Shell,
  builtin: Builtin,
  name: string,
  args: readonly string[],
): Promise<void> {
  try {
    shell.state.status = await builtin(shell, args, name);
  } catch (error) {
    if (!(error instanceof ShellError || error instanceof Errno)) throw error;
    const status = error instanceof ShellError ? error.status : 1;
    await shell.complain(`${name}: ${error.message}`);
    if (SPECIAL.has(name) && shell.state.flavor !== "bash") throw new ExitJump(status);
    shell.state.status = status;
  }
}

/** Runs a program as a child and waits for it. */
export async function runProgram(
  shell: Shell,
  words: readonly string[],
  env: Map<string, string>,
): Promise<number> {
  const problem = await notRunnable(shell, words[0] ?? "");
  if (problem !== undefined) return problem;
  if (shell.replaceable && shell.state.traps.size === 0) {
    shell.process.env = env;
    throw new ExitJump(await shell.system.become(shell.process, words));
  }
  return await shell.waitFor(shell.system.spawn(shell.process, words, { env }));
}

/** Says why a command cannot be run; undefined when it can. */
async function notRunnable(shell: Shell, name: string): Promise<number | undefined> {
  const { flavor } = shell.state;
  const path = shell.system.which(shell.process, name, shell.state.get("PATH"));
  if (path === undefined) {
    const missing = name.includes("/") && flavor === "bash"
      ? "No such file or directory"
      : flavor === "bash"
      ? "command not found"
      : "not found";
    await shell.complain(`${name}: ${missing}`);
    return 127;
  }
  const node = shell.process.node(path);
  if (node.kind === "file" && shell.process.may(path, 1)) return undefined;
  const isDir = node.kind === "dir" && flavor === "bash";
  await shell.complain(`${name}: ${isDir ? "Is a directory" : "Permission denied"}`);
  return 126;
}

/** `exec`: keeps its redirections, and replaces the shell when it names a program. */
async function runExec(
  shell: Shell,
  command: SimpleCommandNode,
  args: readonly string[],
): Promise<void> {
  const env = await environmentFor(shell, command.assignments);
  try {
    await redirectForGood(shell, command.redirections);
  } catch (error) {
    if (!(error instanceof RedirectionError)) throw error;
    await shell.complain(error.message);
    if (shell.state.flavor !== "bash") throw new ExitJump(2);
    shell.state.status = 1;
    return;
  }
  shell.state.status = 0;
  const words = args[0] === "--" ? args.slice(1) : args;
  if (words.length === 0) return;
  const problem = await notRunnable(shell, words[0] ?? "");
  if (problem !== undefined) throw new ExitJump(problem);
  shell.state.traps.clear();
  for (const [signal, disposition] of shell.process.dispositions) {
    if (disposition !== "ignore") shell.process.dispositions.delete(signal);
  }
  shell.process.env = env;
  throw new ExitJump(await shell.system.become(shell.process, words));
}

async function trace(shell: Shell, words: readonly string[]): Promise<void> {
  if (shell.state.options.has("xtrace")) {
    await shell.process.err(`${shell.state.get("PS4") ?? "+ "}${words.join(" ")}\n`);
  }
}
