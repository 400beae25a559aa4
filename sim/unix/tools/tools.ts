import { fromByteString, textOf, toByteString } from "../os/bytes.ts";
import { commandLine } from "../../../lib/core/argv.ts";
import type { Process, Program } from "../os/process.ts";
import { grepWords } from "./grep_words.ts";
import { BashFs, OUTPUT } from "./bash_fs.ts";

/** Number of operands up to which a tool reads standard input, options and values aside. */
interface Tool {
  readonly operands: number;
  /** Letters of options that take a value. */
  readonly valued?: string;
  /** Letters whose value stands in for the first operand, as `-e` does for grep. */
  readonly script?: string;
}

const NEVER: Tool = { operands: -1 };

const TOOLS: Readonly<Record<string, Tool>> = {
  date: NEVER,
  find: NEVER,
  grep: { operands: 1, valued: "efmABC", script: "ef" },
  sed: { operands: 1, valued: "efl", script: "ef" },
  sort: { operands: 0, valued: "kotTS" },
};

/** just-bash's text tools as programs of a simulated system. */
export const TOOL_PROGRAMS: ReadonlyMap<string, Program> = new Map(
  Object.entries(TOOLS).map(([name, tool]) => [name, (process) => runTool(process, name, tool)]),
);

async function runTool(process: Process, name: string, tool: Tool): Promise<number> {
  const { Bash } = await import("../../../deps/just_bash.ts");
  const given = process.argv.slice(1);
  const args = name === "grep" ? grepWords(given) : given;
  const quiet = name === "grep" && given.some((word) => /^-[a-rt-zA-Z]*s/.test(word));
  const stdin = readsStdin(args, tool) ? await process.readAll() : new Uint8Array();
  const fs = new BashFs(process);
  const bash = new Bash({ fs, cwd: "/", defenseInDepth: false, env: {} });
  const words = commandLine([name, ...args].map(fromByteString));
  const result = await process.wait(bash.exec(`${words} > ${OUTPUT}`, {
    stdin: textOf(stdin),
    stdinKind: "bytes",
    rawScript: true,
    cwd: fromByteString(process.cwd),
    env: decoded(process.env),
    replaceEnv: true,
    signal: process.ending,
  }));
  if (fs.output.length > 0) await process.out(fs.output);
  if (result.stderr !== "" && !quiet) {
    await process.err(toByteString(result.stderr.replace(/^bash: /, "")));
  }
  return result.exitCode;
}

function readsStdin(
  args: readonly string[],
  { operands, valued = "", script = "" }: Tool,
): boolean {
  let allowed = operands;
  let count = 0;
  const rest = [...args];
  for (let word; (word = rest.shift()) !== undefined;) {
    if (word === "-") return true;
    if (word === "--") count += rest.splice(0).length;
    else if (/^-[A-Za-z]/.test(word)) {
      const at = [...word].findIndex((letter, index) => index > 0 && valued.includes(letter));
      if (at < 0) continue;
      if (script.includes(word.charAt(at))) allowed--;
      if (at === word.length - 1) rest.shift();
    } else if (!word.startsWith("--")) count++;
  }
  return operands >= 0 && count <= Math.max(0, allowed);
}

function decoded(environment: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...environment].map(([name, value]) => [fromByteString(name), fromByteString(value)]),
  );
}
