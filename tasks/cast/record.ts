import { join } from "node:path";

/** A piece of what a program printed, and how many milliseconds after the one before it. */
export interface Chunk {
  readonly after: number;
  readonly bytes: Uint8Array;
}

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Runs a command in a terminal of its own, by script(1), and records what it prints.
 *
 * @param command A command line for `sh`.
 * @param size The size of the terminal.
 * @param env The environment of the command.
 */
export async function record(
  command: string,
  { columns, rows }: Size,
  env: Readonly<Record<string, string>>,
): Promise<Chunk[]> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-cast-" });
  try {
    const output = join(directory, "output");
    const timing = join(directory, "timing");
    const { success, stdout } = await new Deno.Command("script", {
      args: [
        ...["--quiet", "--return", "--logging-format", "classic"],
        ...["--log-out", output, "--log-timing", timing],
        ...["--command", `stty cols ${columns} rows ${rows}; ${command}`],
      ],
      env: { ...env, TERM: "xterm-256color", SHELL: "/bin/sh" },
      stdin: "null",
    }).output();
    if (!success) throw new Error(`${command} failed:\n${new TextDecoder().decode(stdout)}`);
    return chunksOf(await Deno.readFile(output), await Deno.readTextFile(timing));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The chunks of a recording: each line of the timing is seconds and a count of bytes. */
export function chunksOf(output: Uint8Array, timing: string): Chunk[] {
  // The first line of the file is script's own, and so is what follows the last chunk.
  let at = output.indexOf(0x0a) + 1;
  return timing.trim().split("\n").map((line) => {
    const [seconds = 0, count = 0] = line.split(" ").map(Number);
    const bytes = output.subarray(at, at + count);
    at += count;
    return { after: seconds * 1000, bytes };
  });
}
