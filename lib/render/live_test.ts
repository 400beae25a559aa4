import assert from "node:assert/strict";
import type { Event } from "../run/event.ts";
import { eventLine, live } from "./live.ts";
import { style } from "./style.ts";

const plain = style(false);
const common = { step: "packages", title: "packages git", at: 1_000 };
const started: Event = { type: "step-started", ...common };
const done: Event = { type: "step-done", ...common, at: 3_500, ms: 2_500, changed: true };

Deno.test("eventLine() tells what was done, what was so already, and what only took time", () => {
  assert.equal(eventLine(done, plain), "✓ packages git 2.5 s");
  assert.equal(eventLine({ ...done, detail: "100" }, plain), "✓ packages git 100 2.5 s");
  assert.equal(
    eventLine({ ...done, changed: false, ms: 0 }, plain),
    "= packages git unchanged",
  );
  assert.equal(eventLine({ ...done, changed: false }, plain), "✓ packages git 2.5 s");
});

Deno.test("eventLine() leaves the message of a failure to the error, unless the run goes on", () => {
  const failed = { ...common, type: "step-failed", ms: 100, message: "boom" } as const;
  assert.equal(eventLine({ ...failed, ignored: false }, plain), "✗ packages git 0.1 s");
  assert.match(
    eventLine({ ...failed, ignored: true }, plain) ?? "",
    /^! .*continues anyway\): boom$/,
  );
});

function show(events: readonly Event[], options: { live: boolean; verbose?: boolean }): string {
  let written = "";
  const view = live({
    terminal: { err: (text) => void (written += text), columns: () => 30, rows: () => 24 },
    clock: { now: () => 2_000 },
    style: plain,
    verbose: options.verbose ?? false,
    live: options.live,
  });
  for (const event of events) view.show(event);
  view.end();
  return written;
}

Deno.test("live() writes plain lines into a pipe", () => {
  assert.equal(show([started, done], { live: false }), "✓ packages git 2.5 s\n");
});

Deno.test("live() writes the running step over on a terminal, within its width", () => {
  const title = "a title that is far too long for the terminal";
  const text = show([{ ...started, title }, { ...done, title: "short" }], { live: true });
  const [running = "", finished] = text.split("\x1b[1A\r\x1b[J");
  assert.match(running, /^\S a title that is far.*… {2}1\.0 s\n$/);
  assert.equal(finished, "✓ short 2.5 s\n");
  assert.ok(Math.max(...text.split(/[\r\n]/).map((line) => line.length)) <= 34);
});

Deno.test("live() shows the output of commands only when asked", () => {
  const output: Event = { type: "output", step: "packages", text: "Reading…", at: 1 };
  assert.equal(show([output], { live: false }), "");
  assert.equal(show([output], { live: false, verbose: true }), "Reading…\n");
});

Deno.test("live() and live() give a sign of life in a pipe when nothing was said for 30 s", () => {
  let now = 1_000;
  let written = "";
  const options = {
    terminal: { err: (text: string) => void (written += text), columns: () => 80, rows: () => 24 },
    clock: { now: () => now },
    style: plain,
    verbose: false,
    live: false,
  };
  const one = live(options);
  const many = live(options);
  const tickAt = (at: number): string => {
    now = at;
    written = "";
    one.tick();
    many.tick();
    return written;
  };
  assert.equal(tickAt(40_000), "", "nothing runs");
  one.show(started);
  many.show({ container: "web-1", ...started });
  assert.equal(tickAt(91_000), "… packages git 1 min 30 s\n… web-1  packages git 1 min 30 s\n");
  assert.equal(tickAt(120_000), "");
  assert.match(tickAt(121_000), /^… packages git 2 min 00 s\n… web-1/);
  now = 131_000;
  one.show({ ...done, type: "warning", message: "late" });
  assert.equal(tickAt(150_000), "");
  assert.equal(tickAt(151_000), "… web-1  packages git 2 min 30 s\n", "the other has just spoken");
  assert.equal(tickAt(161_000), "… packages git 2 min 40 s\n");
  one.show(done);
  assert.equal(tickAt(300_000), "… web-1  packages git 4 min 59 s\n");
});

Deno.test("live() draws no more than a terminal can show, and so can write over", () => {
  let written: string[] = [];
  let rows = 5;
  const view = live({
    terminal: { err: (text) => void written.push(text), columns: () => 80, rows: () => rows },
    clock: { now: () => 1_000 },
    style: plain,
    verbose: false,
    live: true,
  });
  for (const number of [1, 2, 3, 4, 5, 6]) view.show({ container: `web-${number}`, ...started });
  const names = (): readonly string[] =>
    written.join("").split("\n").map((line) => /web-\d|and \d more/.exec(line)?.[0] ?? "");
  written = [];
  view.tick();
  assert.ok(written[0]?.startsWith("\x1b[4A\r"));
  assert.deepEqual(names(), ["web-1", "web-2", "web-3", "and 3 more", ""]);
  rows = 7;
  written = [];
  view.tick();
  assert.equal(names().length, 7);
  assert.equal(names()[5], "web-6");
});

Deno.test("live() shows who is under way, how many are done, and who waits, within the width", () => {
  let written: string[] = [];
  let columns = 80;
  const options = {
    terminal: {
      err: (text: string) => void written.push(text),
      columns: () => columns,
      rows: () => 24,
    },
    clock: { now: () => 1_000 },
    style: plain,
    verbose: false,
    live: true,
  };
  const view = live(options, ["web-1", "web-2", "web-3", "web-4"]);
  view.show({ container: "web-1", ...started });
  view.show({ container: "web-2", ...started });
  const drawn = (): readonly string[] => {
    written = [];
    view.tick();
    return (written.at(-1) ?? "").trimEnd().split("\n");
  };
  const [first, , last] = drawn();
  assert.match(first ?? "", /^\S web-1 {2}packages git {2}0\.0 s$/);
  assert.equal(last, "  0/4 done, 2 waiting: web-3, web-4");
  assert.notEqual(drawn()[0], first, "it turns");
  view.show({ container: "web-1", type: "skipped", at: 1 });
  const rest = drawn();
  assert.match(rest[0] ?? "", /^\S web-2 {2}/, "what is finished runs no more");
  assert.equal(rest.at(-1), "  1/4 done, 2 waiting: web-3, web-4");
  columns = 24;
  for (const line of drawn()) assert.ok(line.length < 24, line);
  view.show({ container: "web-3", ...started });
  view.show({ container: "web-4", ...started });
  assert.equal(drawn().at(-1), "  1/4 done");
});
