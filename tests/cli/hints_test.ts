import assert from "node:assert/strict";
import { join } from "node:path";
import { createProgram } from "../../lib/cli/app/program.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { testPlatform } from "../support/platform.ts";

const lib = join(import.meta.dirname ?? ".", "..", "..", "lib");

/** A command line between backticks, or its words as they are put together. */
const COMMAND = /(?:`pxrun |\bpxrun\(")([a-z]+)\b(?:(?: |", ")([a-z-]+)\b)?/g;

/** The source files below a directory. */
async function* sources(directory: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield path;
  }
}

Deno.test("a hint names no command and no subcommand that pxrun does not have", async () => {
  const { commands } = createProgram(testPlatform(), [], runCli);
  const known = new Map(
    commands.flatMap((one) => [one.name(), ...one.aliases()].map((name) => [name, one] as const)),
  );
  let seen = 0;
  for await (const path of sources(lib)) {
    const text = await Deno.readTextFile(path);
    for (const { 0: shown, 1: name = "", 2: sub, index } of text.matchAll(COMMAND)) {
      const before = text.slice(text.lastIndexOf("\n", index) + 1, index);
      const quotes = before.split('"').length - 1;
      // Otherwise it begins a text of its own.
      if (shown.startsWith("`") && !before.endsWith("\\") && quotes % 2 === 0) continue;
      const command = known.get(name);
      assert.ok(command, `${path}: ${shown}`);
      seen++;
      const subs = command.commands.map((one) => one.name());
      if (subs.length > 0 && sub !== undefined) assert.ok(subs.includes(sub), `${path}: ${shown}`);
    }
  }
  assert.ok(seen > 30, String(seen));
});
