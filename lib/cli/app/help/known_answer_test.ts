import assert from "node:assert/strict";
import { rootHelp } from "../../../../tasks/make_help.ts";
import { testPlatform } from "../../../../tests/support/platform.ts";
import { knownAnswer } from "./known_answer.ts";
import { ROOT_HELP } from "./root_help.ts";
import { runCli } from "../run.ts";

const terminal = { stdoutIsTerminal: false, columns: () => 80 };

Deno.test("ROOT_HELP is the help of the command tree; deno run -A tasks/make_help.ts renews it", () => {
  assert.deepEqual(ROOT_HELP, rootHelp());
});

Deno.test("knownAnswer() gives the same help as the command tree at every width", async () => {
  for (
    const [stdoutIsTerminal, columns] of [[false, 200], [true, 33], [true, 66], [
      true,
      140,
    ]] as const
  ) {
    const platform = testPlatform();
    const own = { ...platform.terminal, stdoutIsTerminal, columns: () => columns };
    await runCli(["--help"], { ...platform, terminal: own });
    assert.equal(knownAnswer(["--help"], own), platform.stdout());
    assert.equal(knownAnswer(["-h"], own), platform.stdout());
  }
});

Deno.test("knownAnswer() gives the version", () => {
  assert.match(knownAnswer(["--version"], terminal) ?? "", /^\d+\.\d+\.\d+\n$/);
  assert.equal(knownAnswer(["-V"], terminal), knownAnswer(["--version"], terminal));
});

Deno.test("knownAnswer() leaves to the command tree what it does not know", () => {
  for (const args of [[], ["help"], ["list", "--help"], ["--version", "list"], ["--Help"]]) {
    assert.equal(knownAnswer(args, terminal), undefined);
  }
});
