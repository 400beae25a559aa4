import assert from "node:assert/strict";
import { readDocument } from "./document.ts";
import type { Path } from "../problem.ts";

/** The problems of a text as `line:column: message`. */
function problemsOf(text: string): string[] {
  return readDocument(text).problems.map((p) => `${p.line}:${p.column}: ${p.message}`);
}

function place(text: string, path: Path): string {
  const { line, column } = readDocument(text).places.positionOf(path);
  return `${line}:${column}`;
}

Deno.test("readDocument() keeps every scalar as the text that was written", () => {
  const { data, problems } = readDocument(
    'mode: 0644\nversion: 1.10\nyes: no\nquoted: "true"\nempty:\ntilde: ~\nnull: "null"\nlist: [0x1F, 1e3]',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(data, {
    mode: "0644",
    version: "1.10",
    yes: "no",
    quoted: "true",
    empty: null,
    tilde: null,
    null: "null",
    list: ["0x1F", "1e3"],
  });
});

Deno.test("readDocument() locates scalars at their value and collections at their key", () => {
  const text = "a: 1\nb:\n  c: {d: x}\n  e:\n    - f\n    - g: h\n  n:\n";
  assert.equal(place(text, ["a"]), "1:4");
  assert.equal(place(text, ["b"]), "2:1");
  assert.equal(place(text, ["b", "c"]), "3:3");
  assert.equal(place(text, ["b", "c", "d"]), "3:10");
  assert.equal(place(text, ["b", "e", 0]), "5:7");
  assert.equal(place(text, ["b", "e", 1]), "6:7");
  assert.equal(place(text, ["b", "e", 1, "g"]), "6:10");
  assert.equal(place(text, ["b", "n"]), "7:3");
});

Deno.test("readDocument() locates what was not written at its nearest parent", () => {
  const text = "a:\n  b: 1\n";
  assert.equal(place(text, ["a", "missing", 3]), "1:1");
  assert.equal(place(text, ["a", "b", "c"]), "2:3");
  assert.equal(place(text, ["elsewhere"]), "1:1");
});

Deno.test("readDocument() knows the place of a key, and the path at an offset", () => {
  const text = "a:\n  key: |\n    first\n    second\n# comment\n";
  const { places } = readDocument(text);
  assert.deepEqual(places.keyPositionOf(["a", "key"]), { line: 2, column: 3 });
  assert.deepEqual(places.pathAt(text.indexOf("second")), ["a", "key"]);
  assert.deepEqual(places.pathAt(text.indexOf("comment")), []);
  assert.deepEqual(places.locate(text.indexOf("second")), { line: 4, column: 5 });
});

Deno.test("readDocument() reads CRLF line ends and a byte order mark", () => {
  const document = readDocument("\uFEFFa: 1\r\nb:\r\n  - c\r\n");
  assert.deepEqual(document.data, { a: "1", b: ["c"] });
  assert.deepEqual(document.places.positionOf(["b", 0]), { line: 3, column: 5 });
});

Deno.test("readDocument() follows aliases and merge keys, the nearer value winning", () => {
  const { data, problems, places } = readDocument(
    "x-a: &a {p: 1, q: 2}\nx-b: &b {q: 3, r: 4}\nm:\n  q: 0\n  <<: [*a, *b]\nn: *a\n",
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(data?.["m"], { q: "0", p: "1", r: "4" });
  assert.deepEqual(data?.["n"], { p: "1", q: "2" });
  assert.deepEqual(places.positionOf(["m", "r"]), { line: 2, column: 19 });
  assert.deepEqual(places.positionOf(["m", "q"]), { line: 4, column: 6 });
});

Deno.test("readDocument() takes a quoted << as a plain key, and an anchor as its last meaning", () => {
  assert.deepEqual(readDocument('"<<": x\n').data, { "<<": "x" });
  assert.deepEqual(readDocument("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").data, {
    a: "1",
    b: "1",
    c: "2",
    d: "2",
  });
});

Deno.test("readDocument() says in plain words what is wrong with the YAML", () => {
  const cases: [string, string][] = [
    ["", "1:1: there is nothing in it"],
    ["# only a comment\n", "1:1: there is nothing in it"],
    ["- a\n- b\n", "1:1: it must begin with keys and values, such as `key: value`"],
    ["just text", "1:1: it must begin with keys and values, such as `key: value`"],
    ["a:\n\tb: 1\n", "2:1: a tab stands in the indentation, where YAML takes only spaces"],
    ["a: 1\n---\nb: 2\n", "2:1: a second document begins here; one file holds one"],
    ["a: 1\na: 2\n", "2:1: a is written twice; the first is in line 1"],
    ["a:\n  b: 1\n  b: 2\n", "3:3: a.b is written twice; the first is in line 2"],
    [
      "a:\n  b: 1\n c: 2\n",
      "3:2: this line is indented differently from the lines that it belongs to",
    ],
    ["a: *b\n", "1:4: *b names no anchor above it"],
    ["a: &base 1\nc: *bsae\n", "2:4: *bsae names no anchor above it; did you mean *base?"],
    ["a: &x [*x]\n", "1:7: this anchor is used inside itself"],
    ["a: !!int 4\n", "1:4: the tag !!int is not supported; leave it out"],
    ["? [a]\n: b\n", "1:3: a key must be a word"],
    [": b\n", "1:1: a key must be a word"],
    ["<<: x\n", "1:5: << takes an alias"],
    ["__proto__: x\n", "1:1: __proto__ cannot be a key"],
    ["constructor: x\n", "1:1: constructor cannot be a key"],
    ["a: @x\n", "1:4: a value cannot begin with @; put it in quotes"],
    ['a: "x\nb: 1\n', "2:5: a quote was opened and is not closed"],
    ["a: [1, 2\nb: 1\n", "2:1: a bracket that was opened above is not closed before this line"],
    [
      "a:\n  hostname web\n  b: 2\n",
      "2:3: this line is no `key: value`; is the colon missing, or the space after it?",
    ],
    [
      "a: b: c\n",
      "1:4: a second `key: value` stands inside a value; put the value in quotes, or check the indentation",
    ],
    [
      "a: 'it's'\n",
      "1:8: something stands here that does not belong to the value before it; put the whole value in quotes",
    ],
    ['a: "\\0"\n', "1:4: a value cannot hold a NUL character"],
    [
      'a: "\\q"\n',
      "1:5: in double quotes this backslash means nothing; use single quotes, or write \\\\",
    ],
  ];
  for (const [text, problem] of cases) assert.deepEqual(problemsOf(text), [problem], text);
});

Deno.test("readDocument() tells one syntax error a line, in order", () => {
  assert.deepEqual(problemsOf("a: @x\nb: `y`\n"), [
    "1:4: a value cannot begin with @; put it in quotes",
    "2:4: a value cannot begin with `; put it in quotes",
  ]);
});

Deno.test("readDocument() refuses alias bombs, whether of lists or of merges", () => {
  const names = Array.from({ length: 30 }, (_, i) => `a${i}`);
  const lists = names.map((name, i) =>
    i === 0 ? `${name}: &${name} [x]` : `${name}: &${name} [${`*a${i - 1},`.repeat(10)}]`
  );
  const merges = names.map((name, i) =>
    i === 0 ? `${name}: &${name} {x: 1}` : `${name}: &${name} {<<: [${`*a${i - 1},`.repeat(10)}]}`
  );
  for (const bomb of [lists, merges]) {
    const { data, problems } = readDocument(bomb.join("\n"));
    assert.equal(data, undefined);
    assert.match(problems.at(-1)?.message ?? "", /holds more than 20000 values/);
  }
});

Deno.test("readDocument() refuses texts that are too long or nested too deeply", () => {
  assert.match(problemsOf("a: ".padEnd(600_000, "x"))[0] ?? "", /longer than 512 KiB/);
  const deep = Array.from({ length: 60 }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
  for (const text of [deep, `a: ${"[".repeat(30_000)}`, "- ".repeat(30_000)]) {
    const { data, problems } = readDocument(text);
    assert.equal(data, undefined);
    assert.ok(
      problems.some(({ message }) => /nested too deeply/.test(message)),
      problems[0]?.message,
    );
  }
});

Deno.test("readDocument() passes over comments that sops encrypted in a list", () => {
  const comment = "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:comment]";
  const { data, places } = readDocument(`list:\n  - ${comment}\n  - a\n  - ${comment}\n  - b\n`);
  assert.deepEqual(data, { list: ["a", "b"] });
  assert.deepEqual(places.positionOf(["list", 1]), { line: 5, column: 5 });
});

Deno.test("readDocument() merges what has the tag of a merge, as Go's YAML writes it", () => {
  const { data, problems } = readDocument(
    "e: &e { PORT: 80 }\ns: { !!merge <<: *e, A: b }\nt: { !!merge <<: { C: d } }\n",
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(data?.["s"], { PORT: "80", A: "b" });
  assert.deepEqual(data?.["t"], { C: "d" });
});

Deno.test("readDocument() names a tag that it does not know, and takes no operand for a value", () => {
  const tags = ["!vault", "!env", "!!binary", "!!timestamp", "!<tag:example.com,2000:x>"];
  for (const tag of tags) {
    const { data, problems } = readDocument(`a: ok\nb: ${tag} text\n`);
    assert.equal(data, undefined, tag);
    assert.deepEqual(problems.map(({ line }) => line), [2], tag);
    assert.ok(problems[0]?.message.includes(tag), problems[0]?.message);
  }
  assert.equal(readDocument("a: !!binary aGk=\n").data, undefined);
  assert.deepEqual(readDocument("a: !!str 1\nb: ! x\n").data, { a: "1", b: "x" });
});

Deno.test("readDocument() names a blank that only looks like the space that YAML wants", () => {
  const cases: readonly [text: string, line: number, column: number][] = [
    ["a:\n\u00a0\u00a0b: c\n", 2, 1],
    ["a:\n  \u00a0b: c\n", 2, 3],
    ["a:\u00a0b\n", 1, 3],
    ["a:\n  -\u2003b\n", 2, 4],
    ["a:\n  b: 1\n\u3000 c: 2\n", 3, 1],
  ];
  for (const [text, line, column] of cases) {
    const { data, problems } = readDocument(text);
    assert.equal(data, undefined, JSON.stringify(text));
    const [first] = problems;
    assert.deepEqual([first?.line, first?.column, problems.length], [line, column, 1]);
    assert.match(first?.message ?? "", /U\+(00A0|2003|3000)/);
  }
});

Deno.test("readDocument() leaves odd blanks in texts and comments alone", () => {
  const { data, problems } = readDocument(
    'a: x\u00a0y\nb: "\u00a0z"\nc: |\n  \u00a0q\n  k:\u00a0v\n# d:\u00a0e\n',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(data, { a: "x\u00a0y", b: "\u00a0z", c: "\u00a0q\nk:\u00a0v\n" });
});

Deno.test("readDocument() names such a blank at the ends of keys and values, too", () => {
  const cases: readonly [text: string, line: number, column: number][] = [
    ["a: b\u00a0\n", 1, 5],
    ["{ a: b,\u00a0c: d }\n", 1, 8],
    ["a: [b,\u200bc]\n", 1, 7],
    ["a: [\ufeffb]\n", 1, 5],
    ["a: b\u00a0# not a comment\n", 1, 5],
    ['a: "b"\u00a0\n', 1, 7],
    ["a: |\u00a0\n  b\n", 1, 5],
    ["a\u00a0: b\n", 1, 2],
    ["a: 1\nho\u00adst: b\n", 2, 3],
    ["a: 1\nhost\u200d: b\n", 2, 5],
    ["a:\u0085  b: c\n", 1, 3],
    ["a:\u2028  b: c\n", 1, 3],
  ];
  for (const [text, line, column] of cases) {
    const { data, problems } = readDocument(text);
    assert.equal(data, undefined, JSON.stringify(text));
    const [first] = problems;
    assert.deepEqual([first?.line, first?.column, problems.length], [line, column, 1], text);
    assert.match(first?.message ?? "", /U\+[0-9A-F]{4}/);
  }
});

Deno.test("readDocument() takes a CR by itself for the end of a line, as YAML does", () => {
  const { data, problems } = readDocument("a:\r  b: c\r  d: |\r    e\r    f\r");
  assert.deepEqual(problems, []);
  assert.deepEqual(data, { a: { b: "c", d: "e\nf\n" } });
  assert.deepEqual(readDocument("a: b\r\r\nc: d\r\r\n").data, { a: "b", c: "d" });
});

Deno.test("readDocument() names the place of a NUL, also in a comment", () => {
  const [problem, ...others] = readDocument("a: b\n# c\0\n").problems;
  assert.deepEqual([problem?.line, problem?.column, others.length], [2, 4, 0]);
});

Deno.test("readDocument() merges no scalar, not even by its alias", () => {
  const { problems } = readDocument("a: &a text\nb:\n  <<: *a\n  c: d\n");
  assert.deepEqual(problems.map(({ line, column }) => [line, column]), [[3, 7]]);
});

Deno.test("readDocument() says what begins an item in place of a hyphen, or a line in place of spaces", () => {
  const first = (text: string): string => readDocument(text).problems[0]?.message ?? "";
  for (const dash of ["\u2013", "\u2014", "\u2022"]) {
    assert.ok(first(`a:\n  b:\n  ${dash} c\n`).endsWith(`not with ${dash}`), dash);
  }
  assert.match(first("a: {\n\tb: c\n}\n"), /\btab\b/);
  assert.match(first("---\n---\na: b\n"), /second document/);
});
