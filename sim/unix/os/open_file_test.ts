import assert from "node:assert/strict";
import { bytesOf, textOf } from "./bytes.ts";
import { BrokenPipe, OpenInput, openNode, OpenOutput, OpenText } from "./open_file.ts";
import { makePipe } from "./pipe.ts";
import { makeDevice, makeDir, makeFile, makeLink } from "./tree.ts";

Deno.test("makePipe() holds a writer back until somebody reads", async () => {
  const { reader, writer } = makePipe();
  reader.hold();
  writer.hold();
  await writer.write(new Uint8Array(65536));
  let written = false;
  const second = writer.write(bytesOf("end")).then(() => {
    written = true;
  });
  await Promise.resolve();
  assert.equal(written, false);
  assert.equal((await reader.read(100_000))?.length, 65536);
  await second;
  writer.release();
  assert.equal(textOf(await reader.read(2) ?? bytesOf("")), "en");
  assert.equal(textOf(await reader.read(9) ?? bytesOf("")), "d");
  assert.equal(await reader.read(9), undefined);
});

Deno.test("makePipe() breaks when nobody can read any more", async () => {
  const { reader, writer } = makePipe();
  reader.hold();
  writer.hold();
  await writer.write(new Uint8Array(65536));
  const waiting = writer.write(bytesOf("x"));
  reader.release();
  await assert.rejects(waiting, BrokenPipe);
  await assert.rejects(reader.write(bytesOf("x")), { code: "EBADF" });
  await assert.rejects(writer.read(1), { code: "EBADF" });
});

Deno.test("openNode() reads and writes files at their position", async () => {
  const file = makeFile(bytesOf("hello"));
  const open = openNode(file);
  assert.equal(textOf(await open.read(2) ?? bytesOf("")), "he");
  open.unread(bytesOf("HE"));
  assert.equal(textOf(await open.read(9) ?? bytesOf("")), "HE");
  await open.write(bytesOf("p!"));
  assert.equal(textOf(file.data), "hep!o");
  await openNode(file, { append: true }).write(bytesOf("+"));
  assert.equal(textOf(file.data), "hep!o+");
  openNode(file, { truncate: true });
  assert.equal(file.data.length, 0);
  assert.throws(() => openNode(makeDir()), { code: "EISDIR" });
  assert.throws(() => openNode(makeLink("x")), { code: "ELOOP" });
});

Deno.test("openNode() knows the devices", async () => {
  assert.equal(await openNode(makeDevice("null")).read(9), undefined);
  assert.deepEqual(await openNode(makeDevice("zero")).read(3), new Uint8Array(3));
  assert.equal((await openNode(makeDevice("urandom")).read(100_000))?.length, 65536);
  await assert.rejects(openNode(makeDevice("full")).write(bytesOf("x")), { code: "ENOSPC" });
  await openNode(makeDevice("null")).write(bytesOf("x"));
});

Deno.test("OpenInput, OpenOutput and OpenText lead in and out", async () => {
  const input = new OpenInput(ReadableStream.from([bytesOf(""), bytesOf("abc")]), true);
  assert.equal(textOf(await input.read(2) ?? bytesOf("")), "ab");
  assert.equal(textOf(await input.read(2) ?? bytesOf("")), "c");
  assert.equal(await input.read(2), undefined);
  assert.equal(input.terminal, true);
  await assert.rejects(input.write(bytesOf("")), { code: "EBADF" });
  const seen: string[] = [];
  const output = new OpenOutput(
    (chunk) => void seen.push(textOf(chunk)),
    () => void seen.push("closed"),
  );
  output.hold().hold();
  await output.write(bytesOf("x"));
  output.release();
  output.release();
  assert.deepEqual(seen, ["x", "closed"]);
  await assert.rejects(output.read(1), { code: "EBADF" });
  const text = new OpenText(bytesOf("ab"));
  assert.equal((await text.read(9))?.length, 2);
  assert.equal(await text.read(9), undefined);
  await assert.rejects(text.write(bytesOf("")), { code: "EBADF" });
});
