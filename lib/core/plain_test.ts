import assert from "node:assert/strict";
import { PxrunError } from "./errors.ts";
import { plain, plainData, plainLine, plainRow } from "./plain.ts";
import { Secret } from "./secret.ts";

const hostile: Readonly<Record<string, readonly [text: string, shown: string]>> = {
  "CSI": ["\x1b[2J", "\\u001b[2J"],
  "OSC 52": ["\x1b]52;c;aGk=\x07", "\\u001b]52;c;aGk=\\u0007"],
  "C1": ["\x9b2J", "\\u009b2J"],
  "NUL and DEL": ["a\0b\x7f", "a\\u0000b\\u007f"],
  "return and backspace": ["evil\rgood\b", "evil\\u000dgood\\u0008"],
  "bidi": ["a\u202eb\u2066c\u061cd", "a\\u202eb\\u2066c\\u061cd"],
  "zero width": ["a\u200bb\u200dc\ufeffd\u00ade", "a\\u200bb\\u200dc\\ufeffd\\u00ade"],
  "line and paragraph separators": ["a\u2028b\u2029", "a\\u2028b\\u2029"],
  "tags": ["a\u{e0041}", "a\\udb40\\udc41"],
  "half a pair": ["a\ud800b", "a\\ud800b"],
};

for (const [name, [text, shown]] of Object.entries(hostile)) {
  Deno.test(`plain() shows ${name} instead of passing it on`, () => {
    assert.equal(plain(text), shown);
    assert.equal(plain(shown), shown, "twice is no more than once");
    assert.equal(JSON.parse(plain(JSON.stringify(text))), text, "JSON stays JSON");
  });
}

Deno.test("plain() leaves text of all languages as it is", () => {
  const text = "Wörter, 漢字, עברית, العربية, 🎉 é\n\tindented";
  assert.equal(plain(text), text);
  assert.equal(plainLine(text), text.replace("\n\t", "\\u000a\\u0009"));
});

Deno.test("plainData() copies plain data, and leaves a class of its own", () => {
  const secret = new Secret("a");
  const data = { "k\x1b": ["\x1b", { secret }], n: 1, none: undefined, nothing: null };
  const copy: unknown = plainData(data);
  assert.deepEqual(copy, {
    "k\\u001b": ["\\u001b", { secret }],
    n: 1,
    none: undefined,
    nothing: null,
  });
  assert.equal(plainRow({ name: "a\nb" }).name, "a\\u000ab");
  assert.equal(Object.getPrototypeOf(plainData(JSON.parse('{"__proto__":{"a":1}}'))).a, undefined);
});

Deno.test("PxrunError holds nothing that a terminal would obey", () => {
  const error = new PxrunError("FAILED", "no\x1b[2J\nnext", { hint: "type\u202e" });
  assert.equal(error.message, "no\\u001b[2J\nnext");
  assert.equal(error.hint, "type\\u202e");
});
