import assert from "node:assert/strict";
import { formatRecipe } from "../write/format.ts";
import { InvalidRecipe } from "./invalid_recipe.ts";
import { parseRecipe } from "./parse.ts";

const EXAMPLES = new URL("../../../examples/", import.meta.url);

/** A repeatable stream of numbers from 0 to 1 (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Parses, and lets nothing pass but a recipe that can be written, or an InvalidRecipe. */
function survive(text: string): "valid" | "invalid" {
  try {
    formatRecipe(parseRecipe(text, { file: "f", env: { A: "x" } }));
    return "valid";
  } catch (error) {
    assert.ok(error instanceof InvalidRecipe, `${JSON.stringify(text)}: ${error}`);
    assert.ok(error.problems.length > 0);
    for (const { message, line, column } of error.problems) {
      assert.ok(message.length > 0 && line !== undefined && column !== undefined);
      assert.ok(line >= 1 && column >= 1 && line <= text.split("\n").length + 1, text);
    }
    return "invalid";
  }
}

const KEYS = [
  "version",
  "container",
  "provisioning",
  "hostname",
  "template",
  "resources",
  "network",
  "ip",
  "gateway",
  "cores",
  "storage",
  "features",
  "mount_points",
  "devices",
  "tags",
  "files",
  "scripts",
  "users",
  "tailscale",
  "environment",
  "content",
  "network_ip",
  "x-a",
  "<<",
  "__proto__",
  "constructor",
  "toString",
  "[0]",
  "''",
  "? a",
  "ü",
];
const VALUES = [
  "a",
  "1",
  "-1",
  "1e999",
  "true",
  "yes",
  "null",
  "~",
  "",
  '""',
  "dhcp",
  "10.0.0.2/24",
  "::1/64",
  "${A}",
  "${B}",
  "${",
  "$${A}",
  "[]",
  "{}",
  "[a, {b: c}]",
  "{a: {b: {c: d}}}",
  "&x [1]",
  "*x",
  "!!binary aaaa",
  "|\n          text",
  "'unclosed",
  "\u0000",
  "\u202e",
  "8G",
  "/a/../b",
  "999999999999999999999",
];

Deno.test("parseRecipe() gives a recipe or an InvalidRecipe for random recipes", () => {
  const random = randomNumbers(7);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? "";
  const block = (depth: number, indent: string): string => {
    let text = "";
    for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
      const head = random() < 0.25 ? `${indent}- ` : `${indent}${pick(KEYS)}: `;
      text += depth > 0 && random() < 0.6
        ? `${head.trimEnd()}\n${block(depth - 1, `${indent}  `)}`
        : `${head}${pick(VALUES)}\n`;
    }
    return text;
  };
  for (let round = 0; round < 800; round++) survive(block(4, ""));
});

Deno.test("parseRecipe() gives a recipe or an InvalidRecipe for damaged examples", () => {
  const random = randomNumbers(11);
  const outcomes = new Set<string>();
  for (const name of ["full.yaml", "web.yaml", "static-ip.yaml"]) {
    const text = Deno.readTextFileSync(new URL(name, EXAMPLES));
    for (let round = 0; round < 100; round++) {
      const at = Math.floor(random() * text.length);
      const length = Math.floor(random() * 12);
      const junk = ["", "\t", ":", "- ", "{", "]", "'", "\n", "&a ", "*a", "#", "${X}", "\u0007"];
      const put = junk[Math.floor(random() * junk.length)] ?? "";
      outcomes.add(survive(text.slice(0, at) + put + text.slice(at + length)));
    }
  }
  assert.deepEqual([...outcomes].sort(), ["invalid", "valid"]);
});

Deno.test("parseRecipe() gives an InvalidRecipe for texts that are no recipes", () => {
  const texts = [
    "",
    "\0",
    "\uFEFF",
    "\uD800",
    "%YAML 1.1\n---\ncontainer: yes",
    "%TAG ! tag:x,2000:\n--- !y\na: b",
    "---\n...\n---\n",
    "{".repeat(5000),
    "- ".repeat(5000),
    "a: &a [*a, *a]",
    "container: &c\n  <<: *c\n",
    "container: { hostname: a, template: b, constructor: { prototype: 1 } }",
    "container: { hostname: a, template: b }\n__proto__: { polluted: true }",
    `container: { hostname: ${"a".repeat(100_000)}, template: b }`,
    `${"k".repeat(5000)}: v`,
    Array.from({ length: 3000 }, (_, i) => `k${i}: v`).join("\n"),
  ];
  for (const text of texts) {
    assert.equal(survive(text), "invalid", JSON.stringify(text.slice(0, 40)));
  }
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

Deno.test("parseRecipe() answers hostile texts in a bounded time", () => {
  const start = performance.now();
  const bomb = Array.from(
    { length: 40 },
    (_, i) => i === 0 ? "a0: &a0 x" : `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`,
  );
  for (
    const text of [
      bomb.join("\n"),
      `container: { hostname: "${"a.".repeat(100_000)}!", template: b }`,
      `container: { hostname: a, template: b, startup: "${"order=1,".repeat(30_000)}x" }`,
      `container: { hostname: a, template: b, description: "${"${".repeat(50_000)}" }`,
      `${"tskey-".repeat(50_000)}: x`,
      `a: "${"-----BEGIN ".repeat(20_000)}"`,
    ]
  ) assert.equal(survive(text), "invalid");
  assert.ok(performance.now() - start < 20_000);
});
