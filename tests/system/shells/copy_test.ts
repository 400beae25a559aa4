import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { pullFile, pushFile } from "../../../lib/guest/copy.ts";
import { systemClock } from "../../../lib/host/clock.ts";
import { VMID } from "../../support/chroot.ts";
import { eachShell, HOSTILE, run } from "./in_root.ts";

const options = { clock: systemClock };

eachShell("pushFile() and pullFile() carry bytes, names and modes", async (root) => {
  const name = HOSTILE.replaceAll("/", "_");
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const file = { target: "/tmp", name, mode: "4750", owner: "7:8" };
  await pushFile(root.ssh, VMID, file, bytes, options);
  assert.equal((await run(root, "stat -c '%a %u:%g' /tmp/*ü*")).stdout, "4750 7:8\n");
  const modes: number[] = [];
  const chunks: Uint8Array[] = [];
  const take = (chunk: Uint8Array): void => void chunks.push(chunk.slice());
  await pullFile(root.ssh, VMID, `/tmp/${name}`, (mode) => modes.push(mode), take, options);
  assert.deepEqual(modes, [0o4750]);
  assert.ok(Buffer.concat(chunks).equals(bytes));
});

eachShell("pushFile() keeps owner, mode and link of what is there", async (root) => {
  await run(root, "echo a >/tmp/a; chmod 600 /tmp/a; chown 7:8 /tmp/a; ln -s a /tmp/b");
  await pushFile(root.ssh, VMID, { target: "/tmp/b" }, "b", options);
  const { stdout } = await run(root, "cat /tmp/a; readlink /tmp/b; stat -c '%a %u:%g' /tmp/a");
  assert.equal(stdout, "ba\n600 7:8\n");
});

eachShell("pushFile() and pullFile() fail with what is wrong, and leave nothing", async (root) => {
  const push = (target: string, owner?: string): Promise<void> =>
    pushFile(root.ssh, VMID, { target, owner }, "x", options);
  const nothing = (): void => {};
  const pull = (path: string): Promise<void> =>
    pullFile(root.ssh, VMID, path, nothing, nothing, options);
  await assert.rejects(push("/tmp"), /is a folder: \/tmp$/);
  await assert.rejects(push("/none/a"), /no such folder: \/none$/);
  await assert.rejects(push("/tmp/a", "nosuchuser"), /nosuchuser/);
  await assert.rejects(pull("/none"), /no such file: \/none$/);
  await assert.rejects(pull("/tmp"), /is a folder/);
  assert.equal((await run(root, "ls /tmp")).stdout, "");
});
