import assert from "node:assert/strict";
import { join } from "node:path";
import { VERSION } from "../../lib/cli/app/version.ts";
import { binaryOf, smoke } from "../../tasks/smoke.ts";

const main = join(import.meta.dirname ?? ".", "../../main.ts");

Deno.test("smoke() finds nothing wrong with pxrun, and all that is tried is reported", async () => {
  const lines: string[] = [];
  const program = [Deno.execPath(), "run", "-A", "--cached-only", "--no-check", main] as const;
  assert.equal(await smoke(program, VERSION, (line) => lines.push(line)), undefined);
  assert.equal(lines.length, 5);
});

Deno.test("smoke() tells another program from pxrun", async () => {
  const wrong = await smoke([Deno.execPath()], VERSION, () => {});
  assert.match(wrong ?? "", /^pxrun --version: exit status 0 instead of 0, or not .*\ndeno /);
});

Deno.test("binaryOf() is the name that a release has for a target", () => {
  assert.equal(
    binaryOf("1.2.3", "x86_64-pc-windows-msvc"),
    "pxrun-1.2.3-x86_64-pc-windows-msvc.exe",
  );
  assert.equal(binaryOf("1.2.3", "aarch64-apple-darwin"), "pxrun-1.2.3-aarch64-apple-darwin");
});
