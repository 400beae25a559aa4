import { makePipe } from "../os/pipe.ts";
import type { OpenFile } from "../os/open_file.ts";
import { openNode } from "../os/open_file.ts";
import { makeDevice } from "../os/tree.ts";
import type { Process } from "../os/process.ts";
import type { CommandNode, PipelineNode, StatementNode } from "./ast.ts";
import { runCompound } from "./compound.ts";
import { runSimple } from "./simple.ts";
import type { Shell } from "./shell.ts";
import { ExitJump } from "./state.ts";

/** Runs statements one after the other. */
export async function runStatements(
  shell: Shell,
  statements: readonly StatementNode[],
): Promise<void> {
  for (const statement of statements) {
    await shell.step();
    if (shell.state.options.has("noexec")) return;
    if (statement.background) runInBackground(shell, statement);
    else await runAndOr(shell, statement);
  }
}

/** Whether statements are one simple command and nothing else. */
export function isSingle(statements: readonly StatementNode[]): boolean {
  const [statement, ...others] = statements;
  const [pipeline, ...more] = statement?.pipelines ?? [];
  return pipeline !== undefined && others.length + more.length === 0 && !pipeline.negated &&
    statement?.background === false && isSimple(pipeline);
}

function isSimple({ commands }: PipelineNode): boolean {
  return commands.length === 1 && commands[0]?.type === "SimpleCommand";
}

function runInBackground(shell: Shell, statement: StatementNode): void {
  const nothing = openNode(makeDevice("null"));
  const job = shell.fork((child) => {
    child.replaceable = isSingle([{ ...statement, background: false }]);
    return runAndOr(child, statement);
  }, new Map([[0, nothing]]));
  shell.jobs.set(job.pid, job);
  shell.state.lastBackground = String(job.pid);
  shell.state.status = 0;
}

async function runAndOr(shell: Shell, statement: StatementNode): Promise<void> {
  const { pipelines, operators } = statement;
  for (const [index, pipeline] of pipelines.entries()) {
    const operator = operators[index - 1];
    if (operator === "&&" && shell.state.status !== 0) continue;
    if (operator === "||" && shell.state.status === 0) continue;
    const last = index === pipelines.length - 1;
    await guardedWhen(shell, !last || pipeline.negated, () => runPipeline(shell, pipeline));
    if (last && !pipeline.negated) exitOnError(shell);
  }
}

/** Runs something where `set -e` does not count. */
export async function guardedWhen(
  shell: Shell,
  guarded: boolean,
  run: () => Promise<void>,
): Promise<void> {
  shell.guarded += guarded ? 1 : 0;
  try {
    await run();
  } finally {
    shell.guarded -= guarded ? 1 : 0;
  }
}

function exitOnError(shell: Shell): void {
  const { status, options } = shell.state;
  if (status !== 0 && options.has("errexit") && shell.guarded === 0) throw new ExitJump(status);
}

async function runPipeline(shell: Shell, pipeline: PipelineNode): Promise<void> {
  const [only] = pipeline.commands;
  if (pipeline.commands.length === 1 && only !== undefined) await runCommand(shell, only);
  else shell.state.status = await runPiped(shell, pipeline);
  if (pipeline.negated) shell.state.status = shell.state.status === 0 ? 1 : 0;
}

async function runPiped(shell: Shell, pipeline: PipelineNode): Promise<number> {
  const children: Process[] = [];
  let input: OpenFile | undefined;
  for (const [index, command] of pipeline.commands.entries()) {
    const next = index < pipeline.commands.length - 1 ? makePipe() : undefined;
    const fds = new Map<number, OpenFile>();
    if (input !== undefined) fds.set(0, input);
    if (next !== undefined) {
      fds.set(1, next.writer);
      if (pipeline.pipeStderr?.[index] === true) fds.set(2, next.writer);
    }
    children.push(shell.fork((child) => {
      child.replaceable = command.type === "SimpleCommand";
      return runCommand(child, command);
    }, fds));
    input = next?.reader;
  }
  const statuses: number[] = [];
  for (const child of children) statuses.push(await shell.waitFor(child));
  const failed = statuses.findLast((status) => status !== 0);
  return shell.state.options.has("pipefail") ? failed ?? 0 : statuses.at(-1) ?? 0;
}

async function runCommand(shell: Shell, command: CommandNode): Promise<void> {
  if (command.type === "SimpleCommand") return await runSimple(shell, command);
  if (command.type === "FunctionDef") {
    shell.state.functions.set(command.name, command);
    shell.state.status = 0;
    return;
  }
  await runCompound(shell, command);
}
