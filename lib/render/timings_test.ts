import assert from "node:assert/strict";
import type { Event } from "../run/event.ts";
import { style } from "./style.ts";
import { timings } from "./timings.ts";

function done(title: string, from: number, ms: number): Event {
  return { type: "step-done", step: title, title, at: from + ms, ms, changed: true };
}

Deno.test("timings() shows each step from its beginning to its end", () => {
  const found = timings();
  found.add(done("create container", 1000, 2000));
  found.add({ type: "warning", message: "no step", at: 1500 });
  found.add({
    type: "step-failed",
    step: "start",
    title: "start",
    at: 5000,
    ms: 2000,
    message: "no",
    ignored: false,
  });
  assert.equal(
    found.text(style(false), 45),
    "create container  2.0 s  ▇▇▇▇▇▇▇▇▇▇\n" +
      "start             2.0 s            ▇▇▇▇▇▇▇▇▇▇\n" +
      "total             4.0 s\n",
  );
});

Deno.test("timings() keeps the steps of a container together", () => {
  const found = timings();
  for (const title of ["create", "start"]) {
    for (const container of ["a", "b"]) found.add({ container, ...done(title, 0, 1000) });
  }
  const titles = found.text(style(false), 40).split("\n").map((line) => line.split("  ")[0]);
  assert.deepEqual(titles, ["a: create", "a: start", "b: create", "b: start", "total", ""]);
});

Deno.test("timings() shows what was done behind a long hostname where there is room", () => {
  const found = timings();
  const container = "frontend-of-the-shop-3";
  found.add({ container, ...done("wait for an address", 0, 1000) });
  assert.match(found.text(style(false), 100), /^frontend-of-the-shop-3: wait for an address {2}1/);
  assert.match(found.text(style(false), 60), /^frontend-of-the-shop-3: wait fo… {2}1/);
});

Deno.test("timings() keeps its columns whatever the titles, the times and the terminal are", () => {
  const found = timings();
  found.add(done("a title that is longer than the column for it is wide", 0, 0));
  found.add(done("x", 0, 125_000));
  const lines = found.text(style(false), 20).split("\n");
  assert.match(lines[0] ?? "", /^a title that is longer than the… {7}0\.0 s {2}▇$/);
  assert.match(lines[1] ?? "", /^x {32} 2 min 05 s {2}▇{10}$/);
  assert.equal(timings().text(style(false), 80), "");
});
