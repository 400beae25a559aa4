import assert from "node:assert/strict";
import { testPlatform } from "../../../tests/support/platform.ts";
import { createProgram } from "./program.ts";
import { runCli } from "./run.ts";

Deno.test("createProgram() registers validate and schema alone, with the help that they have among all", () => {
  const all = createProgram(testPlatform(), [], runCli).commands;
  for (const name of ["validate", "schema"]) {
    const [alone, ...others] = createProgram(testPlatform(), [name], runCli).commands;
    assert.deepEqual([alone?.name(), others], [name, []]);
    const among = all.find((command) => command.name() === name);
    assert.equal(alone?.helpInformation(), among?.helpInformation());
  }
});

Deno.test("createProgram() registers all commands for every other line", () => {
  for (const args of [["valid"], ["--verbose", "validate"], ["help", "validate"], ["list"]]) {
    assert.ok(createProgram(testPlatform(), args, runCli).commands.length > 15, args.join(" "));
  }
});
