import { type CommandNode, type CommandOf, isSingle, type StatementNode } from "./ast.ts";
import { expandFields, expandPattern, expandText } from "./expand.ts";
import { leftOut, LoopJump } from "./jumps.ts";
import { patternOf } from "./pattern.ts";
import { redirected } from "./redirect.ts";
import type { Shell } from "./shell.ts";

type Compound = Exclude<CommandNode, { type: "SimpleCommand" } | { type: "FunctionDef" }>;

/** Runs a compound command with its redirections. */
export async function runCompound(shell: Shell, command: Compound): Promise<void> {
  if (command.line !== undefined) shell.state.line = command.line + shell.lineOffset;
  if (command.type === "Subshell") {
    const child = shell.fork((sub) => {
      sub.replaceable = isSingle(command.body);
      return redirected(sub, command.redirections, () => sub.run(command.body));
    });
    shell.state.status = await shell.waitFor(child);
    return;
  }
  await redirected(shell, command.redirections, () => runBody(shell, command));
}

async function runBody(
  shell: Shell,
  command: Exclude<Compound, { type: "Subshell" }>,
): Promise<void> {
  const { state } = shell;
  switch (command.type) {
    case "Group":
      return await shell.run(command.body);
    case "If":
      return await runIf(shell, command);
    case "While":
    case "Until":
      return await loop(shell, command.body, async () => {
        await shell.guarding(true, () => shell.run(command.condition));
        return (state.status === 0) === (command.type === "While");
      });
    case "For":
      return await runFor(shell, command);
    case "Case":
      return await runCase(shell, command);
    default:
      throw leftOut(LEFT_OUT[command.type]);
  }
}

/** Commands of bash by what they begin with. */
const LEFT_OUT = {
  CStyleFor: "for ((",
  ArithmeticCommand: "((",
  ConditionalCommand: "[[",
};

async function runIf(shell: Shell, command: CommandOf<"If">): Promise<void> {
  for (const clause of command.clauses) {
    await shell.guarding(true, () => shell.run(clause.condition));
    if (shell.state.status === 0) return await shell.run(clause.body);
  }
  shell.state.status = 0;
  if (command.elseBody !== null) await shell.run(command.elseBody);
}

async function runFor(shell: Shell, command: CommandOf<"For">): Promise<void> {
  const words = command.words === null
    ? [...shell.state.positional]
    : await expandFields(shell, command.words);
  await loop(shell, command.body, () => {
    const word = words.shift();
    if (word !== undefined) shell.state.set(command.variable, word);
    return Promise.resolve(word !== undefined);
  });
}

async function loop(
  shell: Shell,
  body: readonly StatementNode[],
  again: () => Promise<boolean>,
): Promise<void> {
  let status = 0;
  shell.loops++;
  try {
    while (await catching(again) ?? false) {
      await shell.step();
      if (await catching(() => shell.run(body).then(() => true)) === undefined) break;
      status = shell.state.status;
    }
  } finally {
    shell.loops--;
  }
  shell.state.status = status;

  /** undefined: a `break` ended the loop. */
  async function catching(run: () => Promise<boolean>): Promise<boolean | undefined> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof LoopJump)) throw error;
      status = 0;
      if (error.depth > 1 && shell.loops > 1) throw new LoopJump(error.kind, error.depth - 1);
      return error.kind === "continue" ? true : undefined;
    }
  }
}

async function runCase(shell: Shell, command: CommandOf<"Case">): Promise<void> {
  const word = await expandText(shell, command.word);
  shell.state.status = 0;
  for (const item of command.items) {
    if (!await matchesAny(shell, word, item.patterns)) continue;
    if (item.terminator !== ";;") throw leftOut(item.terminator);
    return await shell.run(item.body);
  }
}

async function matchesAny(
  shell: Shell,
  word: string,
  patterns: CommandOf<"Case">["items"][number]["patterns"],
): Promise<boolean> {
  for (const pattern of patterns) {
    if (patternOf(await expandPattern(shell, pattern)).test(word)) return true;
  }
  return false;
}
