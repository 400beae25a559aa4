import assert from "node:assert/strict";
import { denoFiles, denoFileStreams, denoPrivateFiles } from "./files.ts";

async function inDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("denoPrivateFiles.replace() makes directory and file for their owner alone", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/a/b/c.yaml`;
    await denoPrivateFiles.replace(file, "one");
    assert.equal(await denoPrivateFiles.mode(file), 0o600);
    assert.equal(((await Deno.stat(`${directory}/a/b`)).mode ?? 0) & 0o777, 0o700);
    await Deno.chmod(file, 0o644);
    await denoPrivateFiles.replace(file, "two");
    assert.equal(await Deno.readTextFile(file), "two");
    assert.equal(await denoPrivateFiles.mode(file), 0o600);
    assert.deepEqual([...Deno.readDirSync(`${directory}/a/b`)].map(({ name }) => name), ["c.yaml"]);
  });
});

Deno.test("denoPrivateFiles.replace() writes where a link leads, and leaves nothing when it fails", async () => {
  await inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/real`, "one");
    await Deno.symlink(`${directory}/real`, `${directory}/link`);
    await denoPrivateFiles.replace(`${directory}/link`, "two");
    assert.equal(await Deno.readTextFile(`${directory}/real`), "two");
    assert.ok((await Deno.lstat(`${directory}/link`)).isSymlink);
    await Deno.mkdir(`${directory}/taken/inside`, { recursive: true });
    await assert.rejects(denoPrivateFiles.replace(`${directory}/taken`, "three"));
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
    assert.deepEqual(names, ["link", "real", "taken"]);
  });
});

Deno.test("denoPrivateFiles.replace() makes a file where a link leads that led nowhere", async () => {
  await inDirectory(async (directory) => {
    await Deno.symlink("away/real", `${directory}/next`);
    await Deno.symlink("next", `${directory}/link`);
    await denoPrivateFiles.replace(`${directory}/link`, "one");
    assert.equal(await Deno.readTextFile(`${directory}/away/real`), "one");
    assert.ok((await Deno.lstat(`${directory}/link`)).isSymlink);
  });
});

Deno.test("denoPrivateFiles.replace() does not undo what somebody has written meanwhile", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/c.yaml`;
    await denoPrivateFiles.replace(file, "one", { before: undefined });
    await denoPrivateFiles.replace(file, "two", { before: "one" });
    for (const before of ["one", undefined]) {
      await assert.rejects(denoPrivateFiles.replace(file, "three", { before }), {
        code: "FAILED",
        message: /another process changed it just now/,
      });
    }
    assert.equal(await Deno.readTextFile(file), "two");
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["c.yaml"]);
  });
});

Deno.test("denoPrivateFiles.replace() leaves alone what is no file", async () => {
  await inDirectory(async (directory) => {
    const pipe = `${directory}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await Deno.symlink(pipe, `${directory}/link`);
    for (const path of [pipe, `${directory}/link`]) {
      await assert.rejects(denoPrivateFiles.replace(path, "one"), { code: "USAGE" });
    }
    assert.ok((await Deno.lstat(pipe)).isFifo);
  });
});

Deno.test("denoPrivateFiles.mode() refuses what is no file, and knows none of what is not there", async () => {
  await inDirectory(async (directory) => {
    assert.equal(await denoPrivateFiles.mode(`${directory}/none`), undefined);
    await assert.rejects(denoPrivateFiles.mode(directory), { code: "USAGE" });
    await denoPrivateFiles.remove(`${directory}/none`);
  });
});

Deno.test("denoPrivateFiles.tryReplace() finds out what replace() will meet, and leaves nothing", async () => {
  await inDirectory(async (directory) => {
    await denoPrivateFiles.tryReplace(`${directory}/a/b/c.yaml`);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
    await Deno.writeTextFile(`${directory}/a`, "no directory");
    const refused = { code: "FAILED", message: /^cannot \w+ .*\/a\/b\/c\.yaml: \w/ };
    for (const verb of ["tryReplace", "replace"] as const) {
      await assert.rejects(denoPrivateFiles[verb](`${directory}/a/b/c.yaml`, "one"), refused);
    }
    await assert.rejects(denoFiles.write(`${directory}/a/b/c.yaml`, "one"), refused);
    await assert.rejects(denoFiles.appendLine(`${directory}/a/b/c.yaml`, "one"), refused);
  });
});

Deno.test("appendLine() makes file and directory its owner's alone, and ends an open last line", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/new/known_hosts`;
    await denoFiles.appendLine(path, "one");
    await denoFiles.appendLine(path, "two");
    assert.equal(await Deno.readTextFile(path), "one\ntwo\n");
    if (Deno.build.os !== "windows") {
      assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
      assert.equal(((await Deno.stat(`${directory}/new`)).mode ?? 0) & 0o777, 0o700);
    }
    const open = `${directory}/open`;
    await Deno.writeTextFile(open, "no end", { mode: 0o644 });
    await denoFiles.appendLine(open, "line");
    assert.equal(await Deno.readTextFile(open), "no end\nline\n");
    assert.equal(((await Deno.stat(open)).mode ?? 0o644) & 0o777, 0o644);
  });
});

Deno.test("denoFileStreams.draft() leaves alone what is there, but no file", async () => {
  await inDirectory(async (directory) => {
    const pipe = `${directory}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await Deno.symlink(pipe, `${directory}/link`);
    for (const path of [pipe, `${directory}/link`, directory]) {
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
  await inDirectory(async (directory) => {
    Deno.FsFile.prototype.writeSync = () => {
      throw new Error("No space left on device (os error 28)");
    };
    try {
      await using draft = await denoFileStreams.draft(`${directory}/a`);
      assert.throws(() => draft.write(new Uint8Array(1)), {
        code: "FAILED",
        message: `cannot write ${directory}/a: No space left on device`,
      });
    } finally {
      Deno.FsFile.prototype.writeSync = writeSync;
    }
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  });
});

Deno.test("denoPrivateFiles.replace() removes what killed runs have left beside the file, and nothing else", async () => {
  await inDirectory(async (directory) => {
    const old = new Date(Date.now() - 2 * 60 * 60_000);
    const uuid = (): string => crypto.randomUUID();
    const left = [`.pxrun-${uuid()}.yaml`, `c.yaml.${uuid()}`];
    const others = [`.${uuid()}.yaml`, `d.yaml.${uuid()}`, "c.yaml.bak", `cxyaml.${uuid()}`];
    for (const name of [...left, ...others]) {
      await Deno.writeTextFile(`${directory}/${name}`, "x");
      await Deno.utime(`${directory}/${name}`, old, old);
    }
    const inUse = `.pxrun-${uuid()}.yaml`;
    await Deno.writeTextFile(`${directory}/${inUse}`, "x");
    await denoPrivateFiles.replace(`${directory}/c.yaml`, "one");
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
    assert.deepEqual(names, [...others, inUse, "c.yaml"].toSorted());
  });
});

Deno.test("denoFiles.read() reads a pipe, and a device without end only so far", async () => {
  await inDirectory(async (directory) => {
    const pipe = `${directory}/pipe`;
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
