import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import { inTurn, type SshQuestions } from "./questions.ts";

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
