import type {
  CommandNode,
  PipelineNode,
  ScriptNode,
  SimpleCommandNode,
  StatementNode,
  WordNode,
} from "../../../deps/just_bash.ts";
import { messageOf } from "../../../lib/core/errors.ts";
import { ShellError } from "./jumps.ts";

/*
 * The parser is just-bash's. What runs its trees is not: a simulated system
 * needs processes, pipes that stream, signals and a standard input that a
 * script can share with its commands, none of which just-bash has.
 */

export type { CommandNode, PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode };

/** One part of a word: literal, quoted, or an expansion. */
export type WordPart = WordNode["parts"][number];
/** One command of a type, by its name. */
export type CommandOf<T extends CommandNode["type"]> = Extract<CommandNode, { type: T }>;
/** One part of a type, by its name. */
export type PartOf<T extends WordPart["type"]> = Extract<WordPart, { type: T }>;
/** A redirection. */
export type RedirectionNode = SimpleCommandNode["redirections"][number];
/** `name=value` in front of a command. */
export type AssignmentNode = SimpleCommandNode["assignments"][number];
/** Expression between `$((` and `))`. */
export type ArithExpr = PartOf<"ArithmeticExpansion">["expression"]["expression"];
/** A text that is no shell script, or not yet a whole one. */
export class SyntaxFailure extends ShellError {
  /** @param message What the parser says. */
  constructor(message: string) {
    super(`Syntax error: ${message.replace(/^Parse error at [\d:]+: |^line \d+: /, "")}`);
  }
}

type Parse = (source: string) => ScriptNode;
let parser: Parse | undefined;

/** Loads the parser, 2.5 MB, on first use. */
export async function loadParser(): Promise<void> {
  parser ??= (await import("../../../deps/just_bash.ts")).parse;
}

/**
 * Parses a whole script.
 *
 * @throws {SyntaxFailure} When it is incomplete or wrong.
 */
export function parse(source: string): ScriptNode {
  if (parser === undefined) throw new TypeError("the shell's parser is not loaded");
  let script: ScriptNode;
  try {
    script = parser(source);
  } catch (error) {
    throw new SyntaxFailure(messageOf(error));
  }
  const deferred = script.statements.find((statement) => statement.deferredError)?.deferredError;
  if (deferred !== undefined) throw new SyntaxFailure(deferred.message);
  if (/(^|[^\\])(\\\\)*\\\n?$/.test(source) || !isComplete(script)) {
    throw new SyntaxFailure("unexpected end of file");
  }
  return script;
}

/** The parser takes `a &&` and an open here-document at the end of a text for complete. */
function isComplete(script: ScriptNode): boolean {
  const commands = script.statements.flatMap((statement) =>
    statement.pipelines.flatMap((pipeline) => pipeline.commands)
  );
  return commands.every((command) => {
    const { redirections } = command.type === "FunctionDef" ? command.body : command;
    const open = redirections.some(({ target }) =>
      target.type === "HereDoc" && target.terminated === false
    );
    return !open && !(command.type === "SimpleCommand" && command.name === null &&
      command.assignments.length === 0 && redirections.length === 0);
  });
}

/** True if statements are one simple command and nothing else. */
export function isSingle(statements: readonly StatementNode[]): boolean {
  const [statement, ...others] = statements;
  const [pipeline, ...more] = statement?.pipelines ?? [];
  const [command, ...piped] = pipeline?.commands ?? [];
  return others.length + more.length + piped.length === 0 && pipeline?.negated === false &&
    command?.type === "SimpleCommand";
}
