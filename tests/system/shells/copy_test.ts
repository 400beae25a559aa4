import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { pullPath, pushFile, pushFolder } from "../../../lib/guest/copy.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import { denoFileStreams } from "../../../lib/host/files.ts";
import { pack } from "../../../lib/operations/copy/pack.ts";
import { unpack } from "../../../lib/operations/copy/unpack.ts";
import type { SshTransport } from "../../../lib/ssh/client/transport.ts";
import { VMID } from "../../support/chroot.ts";
import { until } from "../../support/until.ts";
import { eachShell, HOSTILE, run } from "./in_root.ts";

const options = { clock: systemClock };

eachShell("pushFile() and pullPath() carry bytes, names and modes", async (root) => {
  const name = HOSTILE.replaceAll("/", "_");
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const file = { target: "/tmp", name, mode: "4750", owner: "7:8" };
  await pushFile(root.ssh, VMID, file, bytes, options);
  assert.equal((await run(root, "stat -c '%a %u:%g' /tmp/*ü*")).stdout, "4750 7:8\n");
  const modes: number[] = [];
  const chunks: Uint8Array[] = [];
  const onChunk = (chunk: Uint8Array): void => void chunks.push(chunk.slice());
  const onFolder = (): void => assert.fail("it is a file");
  const onMode = (mode: number): void => void modes.push(mode);
  await pullPath(root.ssh, VMID, `/tmp/${name}`, { onMode, onFolder, onChunk }, options);
  assert.deepEqual(modes, [0o4750]);
  assert.ok(Buffer.concat(chunks).equals(bytes));
});

eachShell("pushFile() keeps owner, mode and link of what is there", async (root) => {
  await run(root, "echo a >/tmp/a; chmod 600 /tmp/a; chown 7:8 /tmp/a; ln -s a /tmp/b");
  await pushFile(root.ssh, VMID, { target: "/tmp/b" }, "b", options);
  const { stdout } = await run(root, "cat /tmp/a; readlink /tmp/b; stat -c '%a %u:%g' /tmp/a");
  assert.equal(stdout, "ba\n600 7:8\n");
});

eachShell("pushFile() and pullPath() fail with what is wrong, and leave nothing", async (root) => {
  const push = (target: string, owner?: string): Promise<void> =>
    pushFile(root.ssh, VMID, { target, owner }, "x", options);
  const nothing = (): void => {};
  const pull = (path: string): Promise<void> =>
    pullPath(
      root.ssh,
      VMID,
      path,
      { onMode: nothing, onFolder: nothing, onChunk: nothing },
      options,
    );
  await assert.rejects(push("/tmp"), /is a folder: \/tmp$/);
  await assert.rejects(push("/none/a"), /no such folder: \/none$/);
  await assert.rejects(push("/tmp/a", "nosuchuser"), /nosuchuser/);
  await assert.rejects(pull("/none"), /no such file: \/none$/);
  assert.equal((await run(root, "ls /tmp")).stdout, "");
});

/** A folder of this machine with all that folders have, and what `find` says of it inside. */
async function makeFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
  const deep = `${"d".repeat(90)}/${"é".repeat(80)}`;
  await Deno.mkdir(`${folder}/${deep}`, { recursive: true });
  await Deno.mkdir(`${folder}/empty`);
  await Deno.writeTextFile(`${folder}/${deep}/${"f".repeat(150)}`, "deep\n");
  await Deno.writeTextFile(`${folder}/${HOSTILE.replaceAll("/", "_")}\n`, "odd\n");
  await Deno.writeTextFile(`${folder}/.hidden`, "h\n");
  await Deno.symlink(`/${"g".repeat(150)}`, `${folder}/link`);
  await Deno.chmod(`${folder}/.hidden`, 0o600);
  await Deno.chmod(`${folder}/empty`, 0o1777);
  await Deno.chmod(folder, 0o750);
  return folder;
}

eachShell(
  "pushFolder() and pullPath() carry a folder with GNU's and BusyBox's tar",
  async (root) => {
    const folder = await makeFolder();
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    const push = (target: string, name: string): Promise<void> => {
      const archive = pack(denoFileStreams.entries(folder), () => {});
      return pushFolder(root.ssh, VMID, { target, name, owner: "7:8" }, archive, options);
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

    const back = `${folder}.back`;
    await using draft = denoFileStreams.draftFolder(back);
    const unpacking = unpack(draft, assert.fail);
    const onMode = (): void => assert.fail("it is a folder");
    await pullPath(
      root.ssh,
      VMID,
      "/tmp/site",
      { onMode, onFolder() {}, onChunk: unpacking.push },
      options,
    );
    await unpacking.end();
    await draft.keep();
    await using _back = { [Symbol.asyncDispose]: () => Deno.remove(back, { recursive: true }) };
    const { stdout: difference } = await new Deno.Command("diff", {
      args: ["-r", "--no-dereference", folder, back],
    }).output();
    assert.equal(new TextDecoder().decode(difference), `Only in ${back}/empty: k\n`);
    assert.equal(((await Deno.stat(`${back}/.hidden`)).mode ?? 0) & 0o7777, 0o600);
  },
);

async function somethingIn(folder: string): Promise<boolean> {
  return (await Array.fromAsync(Deno.readDir(folder))).length > 0;
}

eachShell("pushFolder() leaves nothing of what was cut off, refused, or given up", async (root) => {
  const folder = await makeFolder();
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  const whole = new Uint8Array(
    await new Response(ReadableStream.from(pack(denoFileStreams.entries(folder), () => {})))
      .arrayBuffer(),
  );
  const push = (target: string, archive: AsyncIterable<Uint8Array>, more = {}): Promise<void> =>
    pushFolder(root.ssh, VMID, { target, name: "site", ...more }, archive, options);
  async function* upTo(length: number): AsyncGenerator<Uint8Array> {
    yield whole.subarray(0, length);
  }
  // In front of its last file and end, in the middle of a name, and not at all.
  for (const length of [whole.length - 1536, whole.length - 1700, 0]) {
    await assert.rejects(push("/tmp", upTo(length)), /nothing of it is there$/);
  }
  await assert.rejects(push("/tmp", upTo(whole.length), { owner: "nosuchuser" }), /nosuchuser/);
  await assert.rejects(push("/none/x", upTo(whole.length)), /no such folder: \/none$/);
  const control = new AbortController();
  const { signal } = control;
  const reason = new Error("given up");
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield whole.subarray(0, 2_000);
    await until("the folder beside", () => somethingIn(`${root.folder}/tmp`));
    control.abort(reason);
    await new Promise(() => {});
  }
  await assert.rejects(
    pushFolder(root.ssh, VMID, { target: "/tmp", name: "site" }, endless(), { ...options, signal }),
    reason,
  );
  assert.equal((await run(root, "ls -A /tmp")).stdout, "");
});

eachShell("pushFolder() is not ended while it removes what was cut off", async (root, shell) => {
  // BusyBox's shell has an rm of its own, which nothing holds up.
  if (shell === "ash") return;
  // Still at it when the signal has come.
  const wait = ": >/var/log/at-it; until [ -e /var/log/go ]; do sleep 0.05; done";
  await root.program("rm", `${wait}; exec /usr/bin/rm "$@"`);
  let ended = 0;
  const ssh: SshTransport = {
    ...root.ssh,
    exec: (...args) => root.ssh.exec(...args).finally(() => ended++),
  };
  const control = new AbortController();
  const reason = new Error("given up");
  const target = { target: "/tmp", name: "site" };
  const archive = ReadableStream.from([new Uint8Array(512)]);
  const pushing = assert.rejects(
    pushFolder(ssh, VMID, target, archive, { ...options, signal: control.signal }),
    reason,
  );
  await until("rm to be at it", () => somethingIn(`${root.folder}/var/log`));
  control.abort(reason);
  await until("what sends the signal to end", () => ended === 1);
  await root.write("/var/log/go", "");
  await pushing;
  assert.equal((await run(root, "ls -A /tmp")).stdout, "");
});

eachShell(
  "pushFolder() says what is there when a folder stands where a file goes",
  async (root) => {
    const folder = await Deno.makeTempDir({ prefix: "pxrun-copy-" });
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    await Deno.writeTextFile(`${folder}/f`, "f\n");
    await run(root, "mkdir -p /tmp/site/f/sub");
    const archive = pack(denoFileStreams.entries(folder), () => {});
    await assert.rejects(
      pushFolder(root.ssh, VMID, { target: "/tmp", name: "site" }, archive, options),
      /cannot write \/tmp in container \d+: mv: .*f.*; part of it is there$/,
    );
    assert.equal(
      (await run(root, "ls -A /tmp /tmp/site/f")).stdout,
      "/tmp:\nsite\n\n/tmp/site/f:\nsub\n",
    );
  },
);
