import assert from "node:assert/strict";
import { quote } from "../../lib/core/argv.ts";
import { findLeaks } from "../support/leaks.ts";

/** Nothing that looks the same in two forms. */
const secret = `it's "100 %"\\ of $HOME/é+\nok`;

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

const planted: Readonly<Record<string, string>> = {
  "as it is": secret,
  "base64 from its start": base64(secret),
  "base64 one byte later": base64(`:${secret}.`),
  "base64 two bytes later": base64(`u:${secret}..`),
  "base64 far inside": base64(`user@realm:${secret}\n`),
  "base64 in lines": base64(`user:${secret}`).replaceAll(/.{20}/g, "$&\n"),
  "base64url": base64(`??>${secret}`).replaceAll("+", "-").replaceAll("/", "_"),
  "percent-encoded": encodeURIComponent(secret),
  "percent-encoded in lower case": encodeURIComponent(secret).replaceAll(
    /%../g,
    (escape) => escape.toLowerCase(),
  ),
  "a form": new URLSearchParams({ password: secret }).toString(),
  "JSON": JSON.stringify({ secret }),
  "JSON in JSON": JSON.stringify(JSON.stringify({ secret })),
  "JSON in ASCII": JSON.stringify(secret).replace("é", "\\u00e9"),
  "single-quoted": quote(secret),
  "single-quoted in another way": `'${secret.replaceAll("'", `'"'"'`)}'`,
  "double-quoted": `"${secret.replaceAll(/["\\$]/g, "\\$&")}"`,
  "with backslashes": secret.replaceAll(/[^\w\n]/g, "\\$&"),
};

for (const [form, text] of Object.entries(planted)) {
  Deno.test(`findLeaks() finds a planted secret: ${form}`, () => {
    const places = { here: `before ${text} after`, there: "nothing" };
    const [found, ...more] = findLeaks({ password: secret, other: "not there" }, places);
    assert.match(found ?? "nothing found", /^password as .* in here$/);
    assert.deepEqual(more, []);
  });
}

Deno.test("findLeaks() finds a part of a planted secret, and nothing where there is none", () => {
  const secrets = { password: "one MarkedWord42 of many" };
  for (const text of ["MarkedWord42", base64("xMarkedWord42"), "%4DarkedWord42"]) {
    assert.equal(findLeaks(secrets, { here: `... ${text} ...` }).length, 1, text);
  }
  assert.deepEqual(findLeaks(secrets, { here: "one of many, Marked Word 42" }), []);
});
