import assert from "node:assert/strict";
import type { RunProcess } from "../../lib/core/platform.ts";
import { processRunner } from "../../lib/host/process.ts";
import { aloneEnv } from "./alone.ts";

/** An age key in a directory of its own, and the real sops with it. */
export interface SopsLab extends AsyncDisposable {
  readonly directory: string;
  /** The public half of the key. */
  readonly recipient: string;
  /** Runs programs as somebody who holds the key. */
  readonly run: RunProcess;
  /** Runs programs as somebody who holds another key. */
  readonly stranger: RunProcess;
  /** Encrypts a file of the directory in place, as its author would at the command line. */
  encrypt(file: string, regex?: string): Promise<void>;
}

async function succeed(run: RunProcess, program: string, args: readonly string[]): Promise<string> {
  const result = await run(program, args);
  assert.equal(result?.code, 0, `${program}: ${new TextDecoder().decode(result?.stderr)}`);
  return new TextDecoder().decode(result?.stdout).trim();
}

/** Makes two age keys, of which `run` has the first and `stranger` the second. */
export async function startSopsLab(): Promise<SopsLab> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-sops-" });
  const bare = processRunner(aloneEnv());
  for (const name of ["key", "other"]) {
    await succeed(bare, "age-keygen", ["-o", `${directory}/${name}`]);
  }
  const recipient = await succeed(bare, "age-keygen", ["-y", `${directory}/key`]);
  const holder = (name: string): RunProcess =>
    processRunner(
      aloneEnv({ SOPS_AGE_KEY_FILE: `${directory}/${name}`, HOME: directory, TMPDIR: directory }),
    );
  return {
    directory,
    recipient,
    run: holder("key"),
    stranger: holder("other"),
    async encrypt(file, regex) {
      const rule = regex === undefined ? [] : ["--encrypted-regex", regex];
      const args = ["encrypt", "--in-place", "--age", recipient, ...rule, file];
      await succeed(holder("key"), "sops", args);
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Every file below a directory that holds a text. */
export async function filesWith(directory: string, text: string): Promise<string[]> {
  const found: string[] = [];
  const wanted = new TextEncoder().encode(text);
  for await (const { name, isDirectory, isFile } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) found.push(...await filesWith(path, text));
    else if (isFile && includes(await Deno.readFile(path), wanted)) found.push(path);
  }
  return found;
}

function includes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const first = wanted[0] ?? 0;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}
