import assert from "node:assert/strict";
import { testPlatform } from "../../../tests/support/platform.ts";
import { guarded } from "./guarded.ts";

function written(isTerminal: boolean, texts: readonly string[]): readonly string[] {
  const platform = testPlatform();
  const seen: string[] = [];
  const terminal = {
    ...platform.terminal,
    stdoutIsTerminal: isTerminal,
    stderrIsTerminal: isTerminal,
    out: (text: string) => void seen.push(text),
    err: (text: string) => void seen.push(text),
  };
  const guard = guarded({ terminal, env: { TERM: "xterm" } });
  for (const text of texts) {
    guard.out(text);
    guard.err(text);
  }
  return seen.filter((_, index) => index % 2 === 0);
}

Deno.test("guarded() lets our colors and the moves of progress through to a terminal", () => {
  const own = ["\x1b[31merror\x1b[39m: no\n", "\r\x1b[K", "\x1b[3A\r\x1b[J", "\x1b[2J\x1b[H"];
  assert.deepEqual(written(true, own), own);
});

Deno.test("guarded() lets no other sequence through, nor a move amid a text", () => {
  const others = ["\x1b[8mhidden", "a\x1b[3A\r\x1b[J", "\x9b1m", "\x1b]0;t\x07", "a\u202e"];
  for (const text of written(true, others)) assert.match(text, /^[ -~]*$/);
  for (const text of written(false, ["\x1b[31mred", "\r\x1b[K", ...others])) {
    assert.match(text, /^[ -~]*$/);
  }
});

Deno.test("guarded() folds what is no result at the words of a terminal's lines, and nothing else", () => {
  const text = `hint: ${"word ".repeat(30).trim()}\n`;
  const folded = (isTerminal: boolean): readonly string[] => {
    const platform = testPlatform();
    const terminal = guarded({
      terminal: { ...platform.terminal, stderrIsTerminal: isTerminal, columns: () => 42 },
      env: {},
    });
    terminal.err(text);
    terminal.out(text);
    assert.equal(platform.stdout(), text);
    return platform.stderr().trimEnd().split("\n");
  };
  assert.deepEqual(folded(false), [text.trimEnd()]);
  for (const line of folded(true)) assert.match(line, /^(hint: )?(word ?)+$/);
  assert.ok(folded(true).every((line) => line.length <= 42));
});
