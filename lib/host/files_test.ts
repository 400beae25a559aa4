import assert from "node:assert/strict";
import { denoFiles, denoFileStreams, denoPrivateFiles } from "./files.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("denoPrivateFiles.replace() makes folder and file for their owner alone", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/a/b/c.yaml`;
    await denoPrivateFiles.replace(file, "one");
    assert.equal(await denoPrivateFiles.mode(file), 0o600);
    assert.equal(((await Deno.stat(`${folder}/a/b`)).mode ?? 0) & 0o777, 0o700);
    await Deno.chmod(file, 0o644);
    await denoPrivateFiles.replace(file, "two");
    assert.equal(await Deno.readTextFile(file), "two");
    assert.equal(await denoPrivateFiles.mode(file), 0o600);
    assert.deepEqual([...Deno.readDirSync(`${folder}/a/b`)].map(({ name }) => name), ["c.yaml"]);
  });
});

Deno.test("denoPrivateFiles.replace() writes where a link leads, and leaves nothing when it fails", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/real`, "one");
    await Deno.symlink(`${folder}/real`, `${folder}/link`);
    await denoPrivateFiles.replace(`${folder}/link`, "two");
    assert.equal(await Deno.readTextFile(`${folder}/real`), "two");
    assert.ok((await Deno.lstat(`${folder}/link`)).isSymlink);
    await Deno.mkdir(`${folder}/taken/inside`, { recursive: true });
    await assert.rejects(denoPrivateFiles.replace(`${folder}/taken`, "three"));
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
    assert.deepEqual(names, ["link", "real", "taken"]);
  });
});

Deno.test("denoPrivateFiles.replace() makes a file where a link leads that led nowhere", async () => {
  await inFolder(async (folder) => {
    await Deno.symlink("away/real", `${folder}/next`);
    await Deno.symlink("next", `${folder}/link`);
    await denoPrivateFiles.replace(`${folder}/link`, "one");
    assert.equal(await Deno.readTextFile(`${folder}/away/real`), "one");
    assert.ok((await Deno.lstat(`${folder}/link`)).isSymlink);
  });
});

Deno.test("denoPrivateFiles.replace() does not undo what somebody has written meanwhile", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/c.yaml`;
    await denoPrivateFiles.replace(file, "one", { before: undefined });
    await denoPrivateFiles.replace(file, "two", { before: "one" });
    for (const before of ["one", undefined]) {
      await assert.rejects(denoPrivateFiles.replace(file, "three", { before }), {
        code: "FAILED",
        message: /somebody else changed it just now/,
      });
    }
    assert.equal(await Deno.readTextFile(file), "two");
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["c.yaml"]);
  });
});

Deno.test("denoPrivateFiles.replace() leaves alone what is no file", async () => {
  await inFolder(async (folder) => {
    const pipe = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await Deno.symlink(pipe, `${folder}/link`);
    for (const path of [pipe, `${folder}/link`]) {
      await assert.rejects(denoPrivateFiles.replace(path, "one"), { code: "USAGE" });
    }
    assert.ok((await Deno.lstat(pipe)).isFifo);
  });
});

Deno.test("denoPrivateFiles.mode() refuses what is no file, and knows none of what is not there", async () => {
  await inFolder(async (folder) => {
    assert.equal(await denoPrivateFiles.mode(`${folder}/none`), undefined);
    await assert.rejects(denoPrivateFiles.mode(folder), { code: "USAGE" });
    await denoPrivateFiles.remove(`${folder}/none`);
  });
});

Deno.test("denoPrivateFiles.tryReplace() finds out what replace() will meet, and leaves nothing", async () => {
  await inFolder(async (folder) => {
    await denoPrivateFiles.tryReplace(`${folder}/a/b/c.yaml`);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    await Deno.writeTextFile(`${folder}/a`, "no folder");
    const refused = { code: "FAILED", message: /^cannot \w+ .*\/a\/b\/c\.yaml: \w/ };
    for (const verb of ["tryReplace", "replace"] as const) {
      await assert.rejects(denoPrivateFiles[verb](`${folder}/a/b/c.yaml`, "one"), refused);
    }
    await assert.rejects(denoFiles.write(`${folder}/a/b/c.yaml`, "one"), refused);
    await assert.rejects(denoFiles.appendLine(`${folder}/a/b/c.yaml`, "one"), refused);
  });
});

Deno.test("appendLine() makes file and folder its owner's alone, and mends an open last line", async () => {
  await inFolder(async (folder) => {
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
  });
});

Deno.test("denoFileStreams.draft() leaves alone what is there, but no file", async () => {
  await inFolder(async (folder) => {
    const pipe = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await Deno.symlink(pipe, `${folder}/link`);
    for (const path of [pipe, `${folder}/link`, folder]) {
      await assert.rejects(denoFileStreams.draft(path), {
        code: "FAILED",
        message: `cannot write ${path}: it is there, but no file`,
      });
    }
    assert.ok((await Deno.lstat(pipe)).isFifo);
  });
});

Deno.test("denoFileStreams.draft() explains a disk that is full, and leaves nothing", async () => {
  const { writeSync } = Deno.FsFile.prototype;
  await inFolder(async (folder) => {
    Deno.FsFile.prototype.writeSync = () => {
      throw new Error("No space left on device (os error 28)");
    };
    try {
      await using draft = await denoFileStreams.draft(`${folder}/a`);
      assert.throws(() => draft.write(new Uint8Array(1)), {
        code: "FAILED",
        message: `cannot write ${folder}/a: No space left on device`,
      });
    } finally {
      Deno.FsFile.prototype.writeSync = writeSync;
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("denoPrivateFiles.replace() removes what killed runs have left beside the file, and nothing else", async () => {
  await inFolder(async (folder) => {
    const old = new Date(Date.now() - 2 * 60 * 60_000);
    const uuid = (): string => crypto.randomUUID();
    const left = [`.pxrun-${uuid()}.yaml`, `c.yaml.${uuid()}`];
    const others = [`.${uuid()}.yaml`, `d.yaml.${uuid()}`, "c.yaml.bak", `cxyaml.${uuid()}`];
    for (const name of [...left, ...others]) {
      await Deno.writeTextFile(`${folder}/${name}`, "x");
      await Deno.utime(`${folder}/${name}`, old, old);
    }
    const inUse = `.pxrun-${uuid()}.yaml`;
    await Deno.writeTextFile(`${folder}/${inUse}`, "x");
    await denoPrivateFiles.replace(`${folder}/c.yaml`, "one");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
    assert.deepEqual(names, [...others, inUse, "c.yaml"].toSorted());
  });
});

Deno.test("denoFiles.read() reads a pipe, and a device without end only so far", async () => {
  await inFolder(async (folder) => {
    const pipe = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const writing = new Deno.Command("sh", { args: ["-c", 'echo hi > "$1"', "sh", pipe] }).output();
    assert.equal(new TextDecoder().decode(await denoFiles.read(pipe)), "hi\n");
    await writing;
    await assert.rejects(denoFiles.read("/dev/zero"), {
      code: "FAILED",
      message: /larger than 64 MiB/,
    });
  });
});
