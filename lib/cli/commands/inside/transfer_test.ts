import assert from "node:assert/strict";
import { testPlatform } from "../../../../tests/support/platform.ts";
import { until } from "../../../../tests/support/until.ts";
import { meter } from "./transfer.ts";

/** A meter on a terminal whose clock a test moves on. */
function meterOn({ isTerminal = true, term = "xterm" } = {}, late = 0) {
  const platform = testPlatform({ env: { TERM: term } });
  let ms = 0;
  const terminal = { ...platform.terminal, stderrIsTerminal: isTerminal, columns: () => 80 };
  const clock = { ...platform.clock, now: () => ms };
  const context = {
    platform: { ...platform, terminal, clock },
    format: "table",
    events: false,
  } as const;
  const progress = meter(context);
  ms = late;
  return { progress, stderr: () => platform.stderr() };
}

Deno.test("meter() draws a bar once a transfer takes long, and takes it away at the end", async () => {
  const { progress, stderr } = meterOn({}, 2_000);
  progress.expect(4 * 2 ** 20);
  progress.count(2 ** 20);
  progress.count(2 ** 20);
  await until("the bar", () => stderr().includes("░"));
  assert.match(stderr(), /█+░+ {2}50% {2}2 MiB\/4 MiB {2}1 MiB\/s {2}ETA 2\.0 s/);
  progress.note("");
  assert.ok(stderr().endsWith("\r\x1b[K"));
  await until("the bar again", () => !stderr().endsWith("\x1b[K"));
  progress.end("web-1:/root");
  progress[Symbol.dispose]();
  assert.ok(stderr().endsWith("\r\x1b[K2 MiB in 2.0 s → web-1:/root\n"), stderr());
});

Deno.test("meter() draws nothing for a short transfer, a pipe, or a terminal that cannot write over", async () => {
  for (
    const [how, late, end] of [
      [{}, 500, "1 B in 0.5 s → x\n"],
      [{ isTerminal: false }, 5_000, ""],
      [{ term: "dumb" }, 5_000, "1 B in 5.0 s → x\n"],
    ] as const
  ) {
    const { progress, stderr } = meterOn(how, late);
    progress.count(1);
    const other = meterOn({}, 2_000);
    other.progress.count(1);
    await until("another's bar", () => other.stderr() !== "");
    other.progress[Symbol.dispose]();
    assert.equal(stderr(), "");
    progress.end("x");
    progress[Symbol.dispose]();
    assert.equal(stderr(), end);
  }
});
