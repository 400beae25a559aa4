import assert from "node:assert/strict";
import { byPosition, formatProblem, isPrefix, parsePath, pathText, quoted } from "./problem.ts";

Deno.test("pathText() writes dots, indexes, and odd keys in quotes", () => {
  assert.equal(pathText(["container", "network", 0, "ip"]), "container.network[0].ip");
  assert.equal(pathText(["tags", -1]), "tags[+]");
  assert.equal(pathText(["environment", "a.b", "c"]), 'environment["a.b"].c');
  assert.equal(pathText([]), "");
});

Deno.test("pathText() lets no terminal sequence through", () => {
  assert.equal(pathText(["\u001b[31m\u202e\u009b"]), '["\\u001b[31m\\u202e\\u009b"]');
});

Deno.test("parsePath() reads what pathText() writes", () => {
  const paths = [["a"], ["a", 0, "b-c", -1], ["a", "x.y", 12], ['q"\\', "[0]"], ["\u202e", "ü"]];
  for (const path of paths) assert.deepEqual(parsePath(pathText(path)), path);
});

Deno.test("parsePath() refuses what is no path", () => {
  for (const text of ["", ".a", "a.", "a..b", "a[", "a[x]", "a b", "a[-1]", "1a"]) {
    assert.equal(parsePath(text), undefined, text);
  }
});

Deno.test("isPrefix() compares whole parts", () => {
  assert.equal(isPrefix(["a", 0], ["a", 0, "b"]), true);
  assert.equal(isPrefix(["a"], ["ab"]), false);
  assert.equal(isPrefix(["a", "b"], ["a"]), false);
});

Deno.test("formatProblem() names the file and place, or the flag", () => {
  const problem = { path: "a", message: "a is wrong" };
  assert.equal(formatProblem({ ...problem, file: "f", line: 3, column: 7 }), "f:3:7: a is wrong");
  assert.equal(formatProblem({ ...problem, line: 3, column: 7 }), "3:7: a is wrong");
  assert.equal(formatProblem({ ...problem, source: "--a" }), "--a: a is wrong");
  assert.equal(formatProblem(problem), "a is wrong");
});

Deno.test("byPosition() puts flags first, then goes down the file", () => {
  const at = (line?: number, column?: number): { path: string; message: string; line: number } =>
    Object.assign({ path: "", message: "" }, { line, column }) as never;
  const sorted = [at(2, 1), at(1, 9), at(), at(1, 2)].sort(byPosition);
  assert.deepEqual(sorted, [at(), at(1, 2), at(1, 9), at(2, 1)]);
});

Deno.test("quoted() shortens long texts", () => {
  assert.equal(quoted("x".repeat(100)), `"${"x".repeat(60)}…"`);
});
