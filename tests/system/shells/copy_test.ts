import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { type DirectoryArchive, pullPath, pushArchive, pushFile } from "../../../lib/guest/copy.ts";
import { Interrupted } from "../../../lib/core/errors.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import { denoFileStreams } from "../../../lib/host/files.ts";
import { pack } from "../../../lib/operations/copy/pack.ts";
import { unpack } from "../../../lib/operations/copy/unpack.ts";
import { VMID } from "../../support/chroot.ts";
import { until } from "../../support/until.ts";
import { eachShell, HOSTILE, run } from "./in_root.ts";

const options = { clock: systemClock };

eachShell("pushFile() and pullPath() carry bytes, names and modes", async (root) => {
  const name = HOSTILE.replaceAll("/", "_");
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const file = { name, mode: "4750", owner: "7:8", ...options };
  await pushFile(root.ssh, VMID, bytes, "/tmp", file);
  assert.equal((await run(root, "stat -c '%a %u:%g' /tmp/*ü*")).stdout, "4750 7:8\n");
  const modes: number[] = [];
  const chunks: Uint8Array[] = [];
  const onChunk = (chunk: Uint8Array): void => void chunks.push(chunk.slice());
  const onDirectory = (): void => assert.fail("it is a file");
  const onMode = (mode: number): void => void modes.push(mode);
  await pullPath(root.ssh, VMID, `/tmp/${name}`, { onMode, onDirectory, onChunk, ...options });
  assert.deepEqual(modes, [0o4750]);
  assert.ok(Buffer.concat(chunks).equals(bytes));
});

eachShell("pushFile() keeps owner, mode and link of what is there", async (root) => {
  await run(root, "echo a >/tmp/a; chmod 600 /tmp/a; chown 7:8 /tmp/a; ln -s a /tmp/b");
  await pushFile(root.ssh, VMID, "b", "/tmp/b", options);
  const { stdout } = await run(root, "cat /tmp/a; readlink /tmp/b; stat -c '%a %u:%g' /tmp/a");
  assert.equal(stdout, "ba\n600 7:8\n");
});

eachShell("pushFile() and pullPath() fail with what is wrong, and leave nothing", async (root) => {
  const push = (target: string, owner?: string): Promise<void> =>
    pushFile(root.ssh, VMID, "x", target, { owner, ...options });
  const pull = (path: string): Promise<void> =>
    pullPath(root.ssh, VMID, path, { onChunk() {}, ...options });
  await assert.rejects(push("/tmp"), /is a directory: \/tmp$/);
  await assert.rejects(push("/none/a"), /no such directory: \/none$/);
  await assert.rejects(push("/tmp/a", "nosuchuser"), /nosuchuser/);
  await assert.rejects(pull("/none"), /no such file: \/none$/);
  assert.equal((await run(root, "ls /tmp")).stdout, "");
});

/** A directory of this machine with all that directories have, and what `find` says of it inside. */
async function makeDirectory(): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
  const deep = `${"d".repeat(90)}/${"é".repeat(80)}`;
  await Deno.mkdir(`${directory}/${deep}`, { recursive: true });
  await Deno.mkdir(`${directory}/empty`);
  await Deno.writeTextFile(`${directory}/${deep}/${"f".repeat(150)}`, "deep\n");
  await Deno.writeTextFile(`${directory}/${HOSTILE.replaceAll("/", "_")}\n`, "odd\n");
  await Deno.writeTextFile(`${directory}/.hidden`, "h\n");
  await Deno.symlink(`/${"g".repeat(150)}`, `${directory}/link`);
  await Deno.chmod(`${directory}/.hidden`, 0o600);
  await Deno.chmod(`${directory}/empty`, 0o1777);
  await Deno.chmod(directory, 0o750);
  return directory;
}

eachShell(
  "pushArchive() and pullPath() carry a directory with GNU's and BusyBox's tar",
  async (root) => {
    const directory = await makeDirectory();
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
    const push = async (target: string, name: string): Promise<void> => {
      return await pushArchive(root.ssh, VMID, await packed(directory, "7:8"), target, {
        name,
        ...options,
      });
    };
    await push("/tmp", "site");
    assert.equal(
      (await run(
        root,
        "cd /tmp/site; stat -c '%a %u:%g' . .hidden empty; readlink link; cat d*/*/f*",
      )).stdout,
      `750 7:8\n600 7:8\n1777 7:8\n/${"g".repeat(150)}\ndeep\n`,
    );
    const { stdout } = await run(
      root,
      "cd /tmp/site; rm .hidden; echo k >empty/k; chmod 711 .; ls -A /tmp",
    );
    assert.equal(stdout, "site\n");
    await push("/tmp/site", ".");
    assert.equal(
      (await run(root, "cd /tmp/site; cat .hidden empty/k; stat -c %a .; ls -A /tmp")).stdout,
      "h\nk\n711\nsite\n",
    );

    const back = `${directory}.back`;
    await using draft = denoFileStreams.draftDirectory(back);
    const unpacking = unpack(draft, assert.fail);
    const onMode = (): void => assert.fail("it is a directory");
    const onChunk = unpacking.push;
    await pullPath(root.ssh, VMID, "/tmp/site", { onMode, onDirectory() {}, onChunk, ...options });
    await unpacking.end();
    await draft.keep();
    await using _back = { [Symbol.asyncDispose]: () => Deno.remove(back, { recursive: true }) };
    const { stdout: difference } = await new Deno.Command("diff", {
      args: ["-r", "--no-dereference", directory, back],
    }).output();
    assert.equal(new TextDecoder().decode(difference), `Only in ${back}/empty: k\n`);
    assert.equal(((await Deno.stat(`${back}/.hidden`)).mode ?? 0) & 0o7777, 0o600);
  },
);

async function somethingIn(directory: string): Promise<boolean> {
  return (await Array.fromAsync(Deno.readDir(directory))).length > 0;
}

/** What `pack` makes of a directory of this machine. */
function packed(directory: string, owner?: string): Promise<DirectoryArchive> {
  return pack(denoFileStreams.entries(directory), { owner, onLeftOut: () => {} });
}

eachShell(
  "pushArchive() leaves no new directory that was cut off, refused, or given up",
  async (root) => {
    const directory = await makeDirectory();
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
    const archive = await packed(directory);
    const whole = await new Response(ReadableStream.from(archive.content)).bytes();
    const push = (
      target: string,
      content: AsyncIterable<Uint8Array>,
      { owner, signal }: { owner?: string; signal?: AbortSignal } = {},
    ): Promise<void> =>
      pushArchive(root.ssh, VMID, { ...archive, content, owner }, target, {
        name: "site",
        signal,
        ...options,
      });
    async function* upTo(length: number): AsyncGenerator<Uint8Array> {
      yield whole.subarray(0, length);
    }
    // In front of its last file and end, in the middle of a name, and not at all.
    for (const length of [whole.length - 1536, whole.length - 1700, 0]) {
      await assert.rejects(push("/tmp", upTo(length)), /nothing of it is there$/);
    }
    await assert.rejects(push("/tmp", upTo(whole.length), { owner: "nosuchuser" }), /nosuchuser/);
    await assert.rejects(push("/none/x", upTo(whole.length)), /no such directory: \/none$/);
    const control = new AbortController();
    const { signal } = control;
    const reason = new Error("given up");
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield whole.subarray(0, 2_000);
      await until("the directory beside", () => somethingIn(`${root.directory}/tmp`));
      control.abort(reason);
      await new Promise(() => {});
    }
    await assert.rejects(push("/tmp", endless(), { signal }), reason);
    assert.equal((await run(root, "ls -A /tmp")).stdout, "");
  },
);

eachShell(
  "pushArchive() extracts into an existing directory in place, and keeps what is there",
  async (root) => {
    const directory = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
    await Deno.mkdir(`${directory}/d/e`, { recursive: true });
    await Deno.mkdir(`${directory}/linked`);
    for (const name of ["d/e/f", "linked/g", "new"]) {
      await Deno.writeTextFile(
        `${directory}/${name}`,
        "n\n",
      );
    }
    await run(
      root,
      `mkdir -p /tmp/site/d/e /tmp/real; echo old >/tmp/site/d/e/f; echo k >/tmp/site/d/k
ln /tmp/site/d/e/f /tmp/other; chmod 711 /tmp/site; chown 7:8 /tmp/site /tmp/site/d/k
ln -s /tmp/real /tmp/site/linked`,
    );
    await pushArchive(root.ssh, VMID, await packed(directory, "9:10"), "/tmp", {
      name: "site",
      ...options,
    });
    const { stdout } = await run(
      root,
      `cd /tmp; cat site/d/e/f site/d/k real/g other; ls -A site; readlink site/linked
stat -c '%a %u:%g' site site/d/k site/new; echo $(stat -c %u:%g real/g site/d/e/f)`,
    );
    assert.equal(
      stdout,
      "n\nk\nn\nold\nd\nlinked\nnew\n/tmp/real\n" +
        "711 7:8\n644 7:8\n644 9:10\n9:10 9:10\n",
    );
  },
);

eachShell(
  "pushArchive() says that part is there of what was cut off in an existing directory",
  async (root) => {
    const directory = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
    await Deno.writeTextFile(`${directory}/f`, "f".repeat(100_000));
    const archive = await packed(directory);
    const whole = await new Response(ReadableStream.from(archive.content)).bytes();
    await run(root, "mkdir /tmp/site");
    const push = (content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> =>
      pushArchive(root.ssh, VMID, { ...archive, content }, "/tmp", {
        name: "site",
        signal,
        ...options,
      });
    await assert.rejects(
      push(ReadableStream.from([whole.subarray(0, 50_000)])),
      /cannot write \/tmp in container \d+: .*part of it is there$/,
    );
    const control = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield whole.subarray(0, 50_000);
      await until("the file", () => somethingIn(`${root.directory}/tmp/site`));
      control.abort(new Interrupted("the push"));
      await new Promise(() => {});
    }
    await run(root, "rm /tmp/site/f");
    await assert.rejects(push(endless(), control.signal), {
      code: "INTERRUPTED",
      message: /; part of it is in \/tmp in container \d+$/,
    });
    assert.equal(
      (await run(root, "ls -A /tmp /tmp/site")).stdout,
      "/tmp:\nsite\n\n/tmp/site:\nf\n",
    );
  },
);

eachShell("pushArchive() is not ended while it removes what was cut off", async (root, shell) => {
  // BusyBox's shell has an rm of its own, which nothing holds up.
  if (shell === "ash") return;
  // Still at it when the signal has come.
  const wait = ": >/var/log/at-it; until [ -e /var/log/go ]; do sleep 0.05; done";
  await root.program("rm", `${wait}; exec /usr/bin/rm "$@"`);
  const control = new AbortController();
  const reason = new Error("given up");
  const archive = { mode: "0755", end: "end", content: ReadableStream.from([new Uint8Array(512)]) };
  const pushing = assert.rejects(
    pushArchive(root.ssh, VMID, archive, "/tmp", {
      name: "site",
      signal: control.signal,
      ...options,
    }),
    reason,
  );
  await until("rm to be at it", () => somethingIn(`${root.directory}/var/log`));
  control.abort(reason);
  await until("what sends the signal to be there", () => root.commands.length >= 2);
  await root.write("/var/log/go", "");
  await pushing;
  assert.equal((await run(root, "ls -A /tmp")).stdout, "");
});

eachShell(
  "pushArchive() says what is there when a directory stands where a file goes",
  async (root) => {
    const directory = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
    await Deno.writeTextFile(`${directory}/f`, "f\n");
    await run(root, "mkdir -p /tmp/site/f/sub");
    await assert.rejects(
      pushArchive(root.ssh, VMID, await packed(directory), "/tmp", { name: "site", ...options }),
      /cannot write \/tmp in container \d+: tar: .*f.*; part of it is there$/,
    );
    assert.equal(
      (await run(root, "ls -A /tmp/site/f; rm -rf /tmp/site/f; ls -A /tmp/site")).stdout,
      "sub\n",
    );
  },
);
