import assert from "node:assert/strict";
import { inspect } from "node:util";
import { DOTS, reveal, Secret } from "./secret.ts";

Deno.test("Secret prints as dots however it is printed", () => {
  const secret = new Secret("hunter2");
  const printed = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    Deno.inspect({ secret }),
    inspect({ secret }),
    Object.entries(secret).join(),
    JSON.stringify(Object.getOwnPropertyNames(secret)),
  ];
  for (const text of printed) assert.ok(!text.includes("hunter2"), text);
  assert.equal(String(secret), DOTS);
});

Deno.test("reveal() gives the text of secrets and of plain strings", () => {
  assert.equal(reveal(new Secret("a")), "a");
  assert.equal(reveal("b"), "b");
});
