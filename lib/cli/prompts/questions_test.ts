import assert from "node:assert/strict";
import { testPlatform } from "../../../tests/support/platform.ts";
import type { NodeFacts } from "../../plan/snapshot.ts";
import { type Offers, recipeQuestions } from "./questions.ts";

const none: Offers = { nodes: [], containers: [], keys: [] };

/** A node of the usual architecture with these template files. */
function node(...files: readonly string[]): NodeFacts {
  return {
    node: "pve01",
    online: true,
    storages: [],
    bridges: [],
    templates: files.map((file) => ({ volid: `local:vztmpl/${file}`, file })),
    index: [],
  };
}

/** The answers to the brief questions, and what was shown. */
async function ask(offers: Offers, answers: readonly string[]) {
  const platform = testPlatform({ answers });
  const given = await recipeQuestions(platform, offers, { isSet: () => false, brief: true }).ask();
  return { values: given.map(({ value }) => value), shown: platform.stderr() };
}

Deno.test("recipeQuestions() says what is wrong with a hostname and asks again", async () => {
  const { values, shown } = await ask(none, ["-web", "web-1", "debian-13"]);
  assert.deepEqual(values, ["web-1", "debian-13"]);
  assert.equal(shown.split("Hostname: ").length, 3);
});

Deno.test("recipeQuestions() offers an answer again that it came back to", async () => {
  const platform = testPlatform({ answers: ["web-1", "debian-13", "<", "", ""] });
  const asking = { isSet: (path: string) => path.startsWith("provisioning.") };
  const questions = recipeQuestions(platform, none, asking);
  const values = (await questions.ask()).map(({ value }) => value);
  assert.deepEqual(values.slice(0, 2), ["web-1", "debian-13"]);
  assert.match(platform.stderr(), /Template \[debian-13\]: /);
});

Deno.test("recipeQuestions() offers no template that runs on no node", async () => {
  const nodes = [node("debian-13-standard_13.1_amd64.tar.zst", "alpine-3.22_1_arm64.tar.xz")];
  const { shown } = await ask({ ...none, nodes }, ["web-1", ""]);
  assert.match(shown, /debian-13/);
  assert.doesNotMatch(shown, /alpine/);
});
