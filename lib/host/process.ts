import { limits } from "../core/limits.ts";
import { Kept } from "../core/bytes.ts";
import type { ProcessResult, RunProcess } from "../core/platform.ts";

/** Runs a program with no shell in between, in the environment of this process. */
export const runProcess: RunProcess = processRunner();

/**
 * Runs programs with no shell in between.
 *
 * @param env All of their environment, instead of this process's own.
 */
export function processRunner(env?: Readonly<Record<string, string>>): RunProcess {
  const surroundings = env === undefined ? {} : { clearEnv: true };
  return async (program, args, options = {}) => {
    const { env: more, signal } = options;
    const all = {
      ...surroundings,
      args: [...args],
      ...((env || more) && { env: { ...env, ...more } }),
      ...(signal && { signal }),
    };
    return options.terminal ? await runOnTerminal(program, all) : await run(program, all, options);
  };
}

async function run(
  program: string,
  all: Deno.CommandOptions,
  options: NonNullable<Parameters<RunProcess>[2]>,
): Promise<ProcessResult | undefined> {
  const command = new Deno.Command(program, {
    ...all,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  try {
    const child = command.spawn();
    if (options.stdin === undefined) return await outputOf(program, child);
    const writer = child.stdin.getWriter();
    const bytes = typeof options.stdin === "string"
      ? new TextEncoder().encode(options.stdin)
      : options.stdin;
    // A program that does not read its input is not an error of ours.
    const written = writer.write(bytes).then(() => writer.close()).catch(() => {});
    const output = await outputOf(program, child);
    await written;
    return output;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** All that a program prints until it has ended; one that prints without end is ended. */
async function outputOf(program: string, child: Deno.ChildProcess): Promise<ProcessResult> {
  const read = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> => {
    const kept = new Kept(`what ${program} prints`, limits.bytes.program);
    for await (const chunk of stream) kept.take(chunk);
    return kept.bytes();
  };
  try {
    const [{ code }, stdout, stderr] = await Promise.all([
      child.status,
      read(child.stdout),
      read(child.stderr),
    ]);
    return { code, stdout, stderr };
  } catch (error) {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
    throw error;
  }
}

/** Runs a program that talks to the user, such as an editor. */
async function runOnTerminal(
  program: string,
  all: Deno.CommandOptions,
): Promise<ProcessResult | undefined> {
  const nothing = new Uint8Array();
  try {
    const { code } = await new Deno.Command(program, {
      ...all,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    return { code, stdout: nothing, stderr: nothing };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
