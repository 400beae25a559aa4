import assert from "node:assert/strict";
import { systemClock } from "../host/clock.ts";
import type { ExecOptions, ExecResult, SshTransport } from "../ssh/client/transport.ts";
import { pullPath } from "./copy.ts";

/** A connection whose command enters the container and prints this on standard output. */
function printing(chunks: readonly string[]): SshTransport {
  const exec = (command: string, options: ExecOptions = {}): Promise<ExecResult> => {
    const [id = ""] = /pxrun-exec-[0-9a-f-]+/.exec(command) ?? [];
    for (const chunk of [`pxrun-out:${id}:`, ...chunks]) {
      options.onStdout?.(new TextEncoder().encode(chunk));
    }
    const none = new Uint8Array();
    return Promise.resolve({ code: 0, signal: undefined, stdout: none, stderr: none });
  };
  const close = (): Promise<void> => Promise.resolve();
  return { exec, close, [Symbol.asyncDispose]: close };
}

/** What is read of this output: the mode and the content. */
async function read(...chunks: string[]): Promise<[mode: number | undefined, content: string]> {
  let mode: number | undefined;
  let content = "";
  await pullPath(printing(chunks), 100, "/f", {
    onMode: (bits) => mode = bits,
    onSize: (bytes) => content += `${bytes}:`,
    onDirectory: () => content += "directory:",
    onChunk: (chunk) => content += new TextDecoder().decode(chunk),
    clock: systemClock,
  });
  return [mode, content];
}

Deno.test("pullPath() reads the mode and the content, wherever chunks are cut", async () => {
  assert.deepEqual(await read("644\nline1\n"), [0o644, "line1\n"]);
  assert.deepEqual(await read("644/6", "\nline1\n"), [0o644, "6:line1\n"]);
  assert.deepEqual(await read("1", "0644", "\n", "a\n", "b"), [0o10644, "a\nb"]);
  assert.deepEqual(await read("direct", "ory\ntar"), [undefined, "directory:tar"]);
});

Deno.test("pullPath() takes nothing but an octal number for a mode", async () => {
  for (
    const line of [
      "Welcome\n644\n",
      "\n",
      "rw-r--r--\n",
      "0648\n",
      "6 4\n",
      "644/x\n",
      "644/1/2\n",
      "x".repeat(100),
    ]
  ) {
    await assert.rejects(read(line), { code: "FAILED", message: /stands where its mode should/ });
  }
});
