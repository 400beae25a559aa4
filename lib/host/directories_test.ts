import assert from "node:assert/strict";
import { join } from "node:path";
import { packTar } from "../../deps/modern_tar.ts";
import { unpack } from "../operations/copy/unpack.ts";
import { draftDirectory } from "./directories.ts";
import { systemOf } from "./system.ts";

async function inDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-draft-" });
  try {
    await test(directory);
    assert.deepEqual([...Deno.readDirSync(directory)], [], "nothing is there afterwards");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("draftDirectory() takes nothing any more once it is disposed of", async () => {
  await inDirectory(async (directory) => {
    const draft = draftDirectory(join(directory, "etc"));
    draft.directory([], 0o755);
    draft.file(["first"], 0o644);
    draft.write(new Uint8Array(8));
    const disposing = draft[Symbol.asyncDispose]();
    // While the removal runs, and after it.
    const late: readonly (() => void)[] = [
      () => draft.directory(["late"], 0o755),
      () => draft.file(["late"], 0o644),
      () => draft.link(["late"], "first"),
      () => draft.copy(["late"], ["first"]),
    ];
    for (const add of late) assert.throws(add, { code: "FAILED" });
    await disposing;
    for (const add of late) assert.throws(add, { code: "FAILED" });
    await assert.rejects(draft.keep(), { code: "FAILED" });
    draft.write(new Uint8Array(8));
  });
});

Deno.test("unpack() opens no file in a draft that is disposed of while an archive comes", async () => {
  const archive = await packTar([
    { header: { name: "./", type: "directory", size: 0 } },
    ...["a", "b", "c"].map((name) => ({ header: { name, size: 1 }, body: name })),
  ]);
  await inDirectory(async (directory) => {
    const draft = draftDirectory(join(directory, "etc"));
    const begun = Promise.withResolvers<Promise<void>>();
    const unpacking = unpack({
      ...draft,
      file(path, mode) {
        draft.file(path, mode);
        if (path[0] === "a") begun.resolve(draft[Symbol.asyncDispose]());
      },
    }, () => {});
    unpacking.push(archive);
    await begun.promise;
    await assert.rejects(unpacking.end(), { code: "FAILED" });
  });
});

Deno.test("draftDirectory() writes no device and no other path on Windows, and sets no modes", async () => {
  await inDirectory(async (directory) => {
    const at = join(directory, "etc");
    {
      await using draft = draftDirectory(at, systemOf("windows"));
      draft.directory([], 0o755);
      for (const name of ["nul", "a:b", "..\\up", "end."]) {
        assert.throws(() => draft.file([name], 0o644), { message: /is not a path inside it/ });
      }
      draft.file(["script"], 0o755);
      await draft.keep();
    }
    assert.equal(((await Deno.stat(join(at, "script"))).mode ?? 0) & 0o777, 0o600);
    await Deno.remove(at, { recursive: true });
  });
});
