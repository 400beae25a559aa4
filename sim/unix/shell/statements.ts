import { makePipe } from "../os/pipe.ts";
import type { OpenFile } from "../os/open_file.ts";
import type { Process } from "../os/process.ts";
import type { CommandNode, PipelineNode, StatementNode } from "./ast.ts";
import { runCompound } from "./compound.ts";
import { runSimple } from "./simple.ts";
import type { RunStatements, Shell } from "./shell.ts";
import { ExitJump, leftOut } from "./jumps.ts";

/** Runs statements one after the other. */
export const runStatements: RunStatements = async (shell, statements) => {
  for (const statement of statements) {
    await shell.step();
    if (statement.background) throw leftOut("&");
    await runAndOr(shell, statement);
  }
};

async function runAndOr(shell: Shell, statement: StatementNode): Promise<void> {
  const { pipelines, operators } = statement;
  for (const [index, pipeline] of pipelines.entries()) {
    const operator = operators[index - 1];
    if (operator === "&&" && shell.state.status !== 0) continue;
    if (operator === "||" && shell.state.status === 0) continue;
    const last = index === pipelines.length - 1;
    await shell.guarding(!last || pipeline.negated, () => runPipeline(shell, pipeline));
    if (last && !pipeline.negated) exitOnError(shell);
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
    if (next !== undefined) fds.set(1, next.writer);
    if (pipeline.pipeStderr?.[index] === true) throw leftOut("|&");
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
