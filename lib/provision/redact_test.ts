import assert from "node:assert/strict";
import { quote } from "../core/argv.ts";
import { DOTS, Secret } from "../core/secret.ts";
import { redact, redactor } from "./redact.ts";

const VALUE = 'it\'s a "Wört"?';

Deno.test("redact() finds a secret in every spelling", () => {
  const spellings = [
    VALUE,
    btoa(String.fromCharCode(...new TextEncoder().encode(VALUE))),
    encodeURIComponent(VALUE),
    JSON.stringify({ value: VALUE }).slice(10, -2),
    quote(VALUE),
  ];
  for (const text of spellings) {
    const shown = redact(`<${text}>`, [new Secret(VALUE)]);
    assert.match(shown, new RegExp(`^<'?${DOTS}=*'?>$`), text);
  }
});

Deno.test("redact() finds a secret in base64 wherever it stands, as in a login of HTTP", () => {
  for (const value of ["correct-horse-battery", "correct-horse-batter", "correct-horse-batte"]) {
    for (const user of ["", "u:", "me:", "you:", "root@pam:"]) {
      const shown = redact(btoa(`${user}${value}\n`), [new Secret(value)]);
      assert.match(shown, new RegExp(`^\\w{0,12}${DOTS}\\w{0,3}=*$`), `${user}${value}`);
    }
  }
});

Deno.test("redactor() finds a secret that is split anywhere", () => {
  const text = `before ${VALUE} between ${VALUE}${VALUE} after`;
  const expected = `before ${DOTS} between ${DOTS}${DOTS} after`;
  for (let size = 1; size < text.length; size++) {
    const redacting = redactor([new Secret(VALUE), new Secret("other")]);
    let shown = "";
    for (let at = 0; at < text.length; at += size) {
      shown += redacting.push(text.slice(at, at + size));
    }
    assert.equal(shown + redacting.end(), expected, `chunks of ${size}`);
  }
});

Deno.test("redactor() holds back no more than what may become a secret", () => {
  const redacting = redactor([new Secret("abcdef")]);
  assert.equal(redacting.push("xabc"), "x");
  assert.equal(redacting.push("xyz"), "abcxyz");
  assert.equal(redacting.push("ab"), "");
  assert.equal(redacting.end(), "ab");
  assert.equal(redacting.end(), "");
});

Deno.test("redact() prefers the longer of two secrets", () => {
  const secrets = [new Secret("hunter"), new Secret("hunter2")];
  assert.equal(redact("hunter2 hunter", secrets), `${DOTS} ${DOTS}`);
});

Deno.test("redact() finds single lines of a long secret, but no everyday words", () => {
  const key = new Secret(
    `-----BEGIN KEY-----\n${"b64line-".repeat(8)}\nshort\n-----END KEY-----\n`,
  );
  assert.equal(redact(`x ${"b64line-".repeat(8)} y short`, [key]), `x ${DOTS} y short`);
  const two = [new Secret("exactly8\nseven-7")];
  assert.equal(redact("x exactly8 y seven-7", two), `x ${DOTS} y seven-7`);
  assert.equal(
    redact("on 80 a", [new Secret("80"), new Secret(""), new Secret("  \n ")]),
    "on 80 a",
  );
});

Deno.test("redact() copes with a secret of a megabyte", () => {
  const line = "0123456789abcdef".repeat(4);
  const large = new Secret(Array.from({ length: 15_000 }, (_, i) => `${i}:${line}`).join("\n"));
  const start = large.reveal().split("\n").slice(0, 400).join("\n");
  assert.ok(!redact(start, [large]).includes("0123456789abcdef"));
  const oneLine = new Secret("0123456789abcdef".repeat(1000));
  assert.ok(!redact(`<${oneLine.reveal()}>`, [oneLine]).includes("0123"));
});

Deno.test("redact() finds secrets that were encoded twice, or folded", () => {
  const encode = (text: string): string =>
    btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const twice = [
    encode(JSON.stringify({ auth: VALUE })),
    encode(encodeURIComponent(VALUE)),
    encode(`{"auth":"${encode(`me:${VALUE}`)}"}`),
    encodeURIComponent(encodeURIComponent(VALUE)),
    encodeURIComponent(JSON.stringify(VALUE)),
    encodeURIComponent(encode(VALUE)),
    JSON.stringify(JSON.stringify(VALUE)),
    JSON.stringify(`${encode(VALUE).slice(0, 7)}\n${encode(VALUE).slice(7)}\n`),
    JSON.stringify(encodeURI(VALUE)),
  ];
  for (const text of twice) {
    const shown = redact(`<${text}>`, [new Secret(VALUE)]);
    assert.ok(shown.includes(DOTS), text);
    assert.ok(shown.length < 32, `${text}: ${shown}`);
  }
  for (const fold of ["\n", "\r\n", "\n    ", "\\\n", "=\n"]) {
    const text = `is ${VALUE.slice(0, 5)}${fold}${VALUE.slice(5)}!`;
    assert.equal(redact(text, [new Secret(VALUE)]), `is ${DOTS}!`, JSON.stringify(fold));
  }
});

Deno.test("redact() leaves ordinary text alone", () => {
  const text = "We do need a test: up as superuser, pass 'word's; te st 70 61 73 73.\n" +
    "The 'password' is not shown, p+a+s+s and p a s s are words; do\nne.\n";
  const secrets = ["pass-word", "doneit", "test1", "tests", "done", "passup"].map((
    value,
  ) => new Secret(value));
  assert.equal(redact(text, secrets), text);
  assert.equal(redact("a pass'word", [new Secret("password")]), `a ${DOTS}`);
});

Deno.test("redactor() gives the same whatever the chunks are", () => {
  const value = "tok_9f8A+/x=é".repeat(4);
  const text = [value, JSON.stringify(value), encodeURIComponent(value), btoa(`a:${value}`), value]
    .join(" and\n");
  const whole = redact(text, [new Secret(value)]);
  assert.ok(!whole.includes("9f8A"), whole);
  for (let size = 1; size < 80; size += 3) {
    const redacting = redactor([new Secret(value)]);
    let shown = "";
    for (let at = 0; at < text.length; at += size) {
      shown += redacting.push(text.slice(at, at + size));
    }
    assert.equal(shown + redacting.end(), whole, `chunks of ${size}`);
  }
});
