import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { newKey } from "../../../tests/support/ssh_agent.ts";
import { Secret } from "../../core/secret.ts";
import { parseIdentity, type Unusable } from "./identity.ts";
import { inTurn, type SshQuestions, unlocker } from "./questions.ts";

const key = {
  host: "pve01",
  type: "ssh-ed25519",
  fingerprint: "SHA256:a",
  line: "pve01 ssh-ed25519 AAAA",
  compare: "ssh-keygen",
};

/** Questions that are answered when the test says so. */
function slow(): {
  questions: SshQuestions;
  asked: string[];
  waiting: PromiseWithResolvers<void>[];
} {
  const asked: string[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const ask = async (what: string): Promise<void> => {
    asked.push(what);
    const answer = Promise.withResolvers<void>();
    waiting.push(answer);
    await answer.promise;
  };
  const questions: SshQuestions = {
    trust: ({ host }) => ask(host).then(() => true),
    passphrase: (path) => ask(path).then(() => new Secret("a")),
    login: (who) => ask(who).then(() => new Secret("b")),
  };
  return { questions, asked, waiting };
}

Deno.test("inTurn() puts one question at a time, and the same host's key once", async () => {
  const { questions, asked, waiting } = slow();
  const turns = inTurn(questions);
  let remembered = 0;
  const remember = (): Promise<void> => Promise.resolve(void remembered++);
  const answers = [
    turns.admit(key, remember),
    turns.admit(key, remember),
    turns.passphrase("id_rsa", 1),
    turns.login("me@pve01", "code", true),
  ];
  for (const expected of [["pve01"], ["pve01", "id_rsa"], ["pve01", "id_rsa", "me@pve01"]]) {
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(asked, expected);
    waiting.at(-1)?.resolve();
  }
  await Promise.all(answers);
  assert.equal(asked.length, 3);
  assert.equal(remembered, 1);
});

Deno.test("inTurn() asks nothing more of a user who has given up", async () => {
  const { questions, asked, waiting } = slow();
  const turns = inTurn(questions);
  const first = turns.passphrase("id_rsa", 1);
  const second = turns.login("me@pve01", "code", true);
  await new Promise((resolve) => setTimeout(resolve));
  waiting[0]?.reject(new Error("interrupted"));
  await assert.rejects(first, /interrupted/);
  await assert.rejects(second, /interrupted/);
  assert.deepEqual(asked, ["id_rsa"]);
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function opener(text: string): NonNullable<Unusable["open"]> {
  const { privateKey } = parseIdentity("key", bytes(text));
  assert.ok(!(privateKey instanceof Secret) && privateKey.open);
  return privateKey.open;
}

Deno.test("unlocker() asks for each key once, for all callers", async () => {
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
