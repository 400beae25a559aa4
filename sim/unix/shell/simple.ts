import { Errno } from "../os/errno.ts";
import type { AssignmentNode, CommandOf, SimpleCommandNode, WordNode } from "./ast.ts";
import { BUILTINS, SPECIAL } from "./builtins/mod.ts";
import { expandFields, expandText } from "./expand.ts";
import { redirected, redirectForGood } from "./redirect.ts";
import { runCompound } from "./compound.ts";
import { ExitJump, leftOut, ReturnJump, ShellError } from "./jumps.ts";
import type { Builtin, Shell } from "./shell.ts";
import type { Variable } from "./state.ts";

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
  if (name === "exec") return await runExec(shell, command, args);
  const target = state.functions.get(name) ?? BUILTINS.get(name);
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

/** The words of a command. What `export` assigns is not split. */
async function commandWords(shell: Shell, command: SimpleCommandNode): Promise<string[]> {
  if (command.name === null) return [];
  const [first] = command.name.parts;
  const literal = first?.type === "Literal" && command.name.parts.length === 1 ? first.value : "";
  if (literal !== "export") return await expandFields(shell, [command.name, ...command.args]);
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
    throw leftOut(`${assignment.name}=(...)`);
  }
  if (assignment.append) throw leftOut(`${assignment.name}+=`);
  return assignment.value === null ? "" : await expandText(shell, assignment.value);
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
  shell.loops = 0;
  try {
    await redirected(shell, definition.redirections, () => runCompound(shell, definition.body));
  } catch (error) {
    if (!(error instanceof ReturnJump)) throw error;
    state.status = error.status;
  } finally {
    shell.loops = loops;
    state.positional = positional;
  }
}

/** Runs a builtin; an error of a special one ends the shell. */
async function runBuiltin(
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
    if (SPECIAL.has(name)) throw new ExitJump(status);
    shell.state.status = status;
  }
}

/** Runs a program as a child and waits for it. */
async function runProgram(
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
  const path = shell.system.which(shell.process, name, shell.state.get("PATH"));
  if (path === undefined) {
    await shell.complain(shell.system.missing(name));
    return 127;
  }
  const node = shell.process.node(path);
  if (node.kind === "file" && shell.process.may(path, 1)) return undefined;
  await shell.complain(`${name}: Permission denied`);
  return 126;
}

/** `exec`: keeps its redirections, and replaces the shell when it names a program. */
async function runExec(
  shell: Shell,
  command: SimpleCommandNode,
  args: readonly string[],
): Promise<void> {
  const env = await environmentFor(shell, command.assignments);
  await redirectForGood(shell, command.redirections);
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
