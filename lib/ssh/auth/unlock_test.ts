import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { newKey } from "../../../tests/support/ssh_agent.ts";
import { Secret } from "../../core/secret.ts";
import { parseIdentity, type Unusable } from "./identity.ts";
import { unlocker } from "./unlock.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function opener(text: string): NonNullable<Unusable["open"]> {
  const { privateKey } = parseIdentity("key", bytes(text));
  assert.ok(!(privateKey instanceof Secret) && privateKey.open);
  return privateKey.open;
}

Deno.test("unlocker() asks for each key once, whoever wants it", async () => {
  const open = opener(newKey("", "right").private);
  const attempts: number[] = [];
  const unlock = unlocker((_path, attempt) => {
    attempts.push(attempt);
    return Promise.resolve(new Secret(attempt === 1 ? "wrong" : "right"));
  });
  const [a, b] = await Promise.all([unlock("key", open), unlock("key", open)]);
  assert.ok("sign" in a);
  assert.equal(a, b);
  assert.deepEqual(attempts, [1, 2]);
});

Deno.test("unlocker() gives up after three wrong passphrases or an empty one", async () => {
  const open = opener(newKey("", "right").private);
  for (const [passphrase, expected] of [["wrong", 3], ["", 1]] as const) {
    let asked = 0;
    const unlock = unlocker(() => {
      asked++;
      return Promise.resolve(new Secret(passphrase));
    });
    assert.deepEqual(await unlock("key", open), { reason: "locked" });
    assert.equal(asked, expected);
  }
});

Deno.test("unlocker() opens PKCS#8, and says which curve it cannot use", async () => {
  const unlock = unlocker(() => Promise.resolve(new Secret("right")));
  for (const [curve, usable] of [["P-256", true], ["P-384", true], ["P-521", false]] as const) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: curve });
    const cipher = { cipher: "aes-256-cbc", passphrase: "right" };
    const pem = privateKey.export({ type: "pkcs8", format: "pem", ...cipher });
    const key = await unlock(curve, opener(`${pem}`));
    if (usable) assert.ok("sign" in key && !(key.sign("data") instanceof Error));
    else assert.deepEqual(key, { reason: "curve" });
  }
});
