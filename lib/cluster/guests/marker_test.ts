import assert from "node:assert/strict";
import {
  changeOf,
  CREATING_TAG,
  isCreating,
  readRun,
  type Run,
  unmarked,
  withCreating,
  withFailed,
} from "./marker.ts";

const run: Run = {
  id: "3f2a9c1b",
  vmid: 100,
  host: "lap top",
  pid: 4711,
  pidScope: "boot/4026531836",
  since: Date.parse("2026-11-23T14:02:43.000Z"),
};

Deno.test("withCreating() names the run in the first line, and readRun() reads it back", () => {
  for (const one of [run, { ...run, pidScope: undefined, host: "a pid 1 since b" }]) {
    const { tags, description } = withCreating(
      { tags: ["dev"], description: "my\nnotes" },
      one,
      "tag",
    );
    assert.deepEqual(tags, ["dev", CREATING_TAG]);
    assert.match(
      description ?? "",
      /^pxrun-run: 3f2a9c1b of 100 on .+ pid 4711 since 2026-11-23T14:02/,
    );
    // As Proxmox gives it back.
    assert.deepEqual(readRun(`${description}\n`), one);
  }
  assert.equal(readRun("notes about pxrun-run: of it"), undefined);
  assert.equal(readRun(undefined), undefined);
});

Deno.test("withCreating() stands in the line alone where no tag may be set, and nowhere where nothing may", () => {
  const plain = { tags: ["dev"], description: undefined };
  const line = withCreating(plain, run, "notes");
  assert.deepEqual(line.tags, ["dev"]);
  assert.ok(isCreating(line));
  assert.deepEqual(withCreating(plain, run, "none"), plain);
  assert.ok(!isCreating(plain));
  assert.ok(isCreating({ tags: [CREATING_TAG] }));
});

Deno.test("withCreating() leaves a description alone that has no room for another line", () => {
  const long = "x".repeat(8192);
  const noted = withCreating({ description: long }, run, "tag");
  assert.deepEqual(noted, { tags: [CREATING_TAG], description: long });
});

Deno.test("unmarked() gives back what was there before any mark", () => {
  for (
    const plain of [
      { tags: ["dev", "web"], description: "one\n\ntwo" },
      { tags: [], description: "" },
    ]
  ) {
    for (const way of ["tag", "notes"] as const) {
      const creating = withCreating(plain, run, way);
      assert.deepEqual(unmarked(creating), plain);
      const failed = withFailed(creating, way);
      assert.ok(!isCreating(failed));
      assert.deepEqual(unmarked(failed), plain);
      assert.equal(changeOf(plain, unmarked(failed)), undefined);
    }
  }
});

Deno.test("changeOf() removes what is empty by its name, and does not count the last line end", () => {
  const before = { tags: [CREATING_TAG], description: "mine\n" };
  assert.deepEqual(changeOf(before, { tags: [], description: "mine" }), { delete: "tags" });
  assert.deepEqual(changeOf(before, { tags: ["a", "b"], description: "" }), {
    tags: "a;b",
    delete: "description",
  });
});
