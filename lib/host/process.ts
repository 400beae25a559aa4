import type { ProcessResult, RunProcess } from "../core/world.ts";

/** Runs a program with no shell in between. */
export const runProcess: RunProcess = async (program, args, options = {}) => {
  const { env, signal } = options;
  const common = { args: [...args], ...(env && { env }), ...(signal && { signal }) };
  if (options.terminal) return await runOnTerminal(program, common);
  const command = new Deno.Command(program, {
    ...common,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  try {
    if (options.stdin === undefined) return await command.output();
    const child = command.spawn();
    const writer = child.stdin.getWriter();
    const bytes = typeof options.stdin === "string"
      ? new TextEncoder().encode(options.stdin)
      : options.stdin;
    // A program that does not read its input is not an error of ours.
    const written = writer.write(bytes).then(() => writer.close()).catch(() => {});
    const output = await child.output();
    await written;
    return output;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
};

/** Runs a program that talks to the user, such as an editor. */
async function runOnTerminal(
  program: string,
  common: Deno.CommandOptions,
): Promise<ProcessResult | undefined> {
  const nothing = new Uint8Array();
  try {
    const { code } = await new Deno.Command(program, {
      ...common,
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
