import assert from "node:assert/strict";
import type { RunProcess } from "../../lib/core/world.ts";
import { processRunner } from "../../lib/host/process.ts";
import { aloneEnv } from "./alone.ts";

/** An age key in a folder of its own, and the real sops with it. */
export interface SopsLab extends AsyncDisposable {
  readonly folder: string;
  /** The public half of the key. */
  readonly recipient: string;
  /** Runs programs as somebody who holds the key. */
  readonly run: RunProcess;
  /** Runs programs as somebody who holds another key. */
  readonly stranger: RunProcess;
  /** Encrypts a file of the folder in place, as its author would at the command line. */
  encrypt(file: string, regex?: string): Promise<void>;
}

async function succeed(run: RunProcess, program: string, args: readonly string[]): Promise<string> {
  const result = await run(program, args);
  assert.equal(result?.code, 0, `${program}: ${new TextDecoder().decode(result?.stderr)}`);
  return new TextDecoder().decode(result?.stdout).trim();
}

/** Makes two age keys, of which `run` has the first and `stranger` the second. */
export async function startSopsLab(): Promise<SopsLab> {
  const folder = await Deno.makeTempDir({ prefix: "pxrun-sops-" });
  const bare = processRunner(aloneEnv());
  for (const name of ["key", "other"]) {
    await succeed(bare, "age-keygen", ["-o", `${folder}/${name}`]);
  }
  const recipient = await succeed(bare, "age-keygen", ["-y", `${folder}/key`]);
  const holder = (name: string): RunProcess =>
    processRunner(
      aloneEnv({ SOPS_AGE_KEY_FILE: `${folder}/${name}`, HOME: folder, TMPDIR: folder }),
    );
  return {
    folder,
    recipient,
    run: holder("key"),
    stranger: holder("other"),
    async encrypt(file, regex) {
      const rule = regex === undefined ? [] : ["--encrypted-regex", regex];
      const args = ["encrypt", "--in-place", "--age", recipient, ...rule, file];
      await succeed(holder("key"), "sops", args);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Every file below a folder that holds a text. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  const wanted = new TextEncoder().encode(text);
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
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
