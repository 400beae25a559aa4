import type { Terminal } from "../core/world.ts";

type Writer = { writeSync(bytes: Uint8Array): number };

/**
 * Writes it all. Whoever read it may be gone (`| head`, a closed window): then it is
 * dropped, for a run must be able to clean up with nobody looking.
 */
function writeTo(stream: Writer): (text: string) => void {
  const encoder = new TextEncoder();
  let open = true;
  return (text) => {
    let rest = encoder.encode(text);
    while (open && rest.length > 0) {
      try {
        rest = rest.subarray(stream.writeSync(rest));
      } catch {
        open = false;
      }
    }
  };
}

/** Reads lines from standard input, keeping what follows a line for the next call. */
function lineReader(): () => Promise<string | undefined> {
  let lines: AsyncIterator<string> | undefined;
  async function* read(): AsyncGenerator<string> {
    let rest = "";
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4096);
    for (let n = await Deno.stdin.read(buffer); n !== null; n = await Deno.stdin.read(buffer)) {
      rest += decoder.decode(buffer.subarray(0, n), { stream: true });
      const parts = rest.split(/\r?\n/);
      rest = parts.pop() ?? "";
      yield* parts;
    }
    if (rest !== "") yield rest;
  }
  return async () => {
    lines ??= read();
    const next = await lines.next();
    return next.done ? undefined : next.value;
  };
}

/** The terminal, or the pipes, of this process. */
export function denoTerminal(): Terminal {
  const stderrIsTerminal = Deno.stderr.isTerminal();
  return {
    interactive: Deno.stdin.isTerminal() && stderrIsTerminal,
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    stderrIsTerminal,
    columns() {
      try {
        return Deno.consoleSize().columns;
      } catch {
        return 80;
      }
    },
    out: writeTo(Deno.stdout),
    err: writeTo(Deno.stderr),
    readStdin: () => new Response(Deno.stdin.readable).text(),
    readLine: lineReader(),
  };
}
