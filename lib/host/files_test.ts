import assert from "node:assert/strict";
import { denoFiles } from "./files.ts";

Deno.test("appendLine() makes file and folder its owner's alone, and mends an open last line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/new/known_hosts`;
    await denoFiles.appendLine(path, "one");
    await denoFiles.appendLine(path, "two");
    assert.equal(await Deno.readTextFile(path), "one\ntwo\n");
    if (Deno.build.os !== "windows") {
      assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
      assert.equal(((await Deno.stat(`${folder}/new`)).mode ?? 0) & 0o777, 0o700);
    }
    const open = `${folder}/open`;
    await Deno.writeTextFile(open, "no end", { mode: 0o644 });
    await denoFiles.appendLine(open, "line");
    assert.equal(await Deno.readTextFile(open), "no end\nline\n");
    assert.equal(((await Deno.stat(open)).mode ?? 0o644) & 0o777, 0o644);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
