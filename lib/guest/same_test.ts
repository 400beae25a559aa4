import assert from "node:assert/strict";
import { goLine, guarded, guardedOnceTold, isOther } from "./same.ts";

const BIRTH = "local-lvm:vm-100-disk-0 BC:24:11:0A:BC:0D";
const ROOT = "rootfs: local-lvm:vm-100-disk-0,size=8G\n";
const NET = "net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:BC:0D,ip=dhcp,type=veth\n";

/** Runs a guarded `cat` by this machine's `sh`, for a node whose configuration of 100 is this. */
async function enter(
  config: string | undefined,
  birth: string,
  { waits = false } = {},
): Promise<{ entered: boolean; other: boolean }> {
  const directory = await Deno.makeTempDir({ prefix: "pxrun-same-" });
  try {
    if (config !== undefined) await Deno.writeTextFile(`${directory}/100.conf`, config);
    const command = waits ? guardedOnceTold(100, "cat -") : guarded(100, birth, "cat -");
    const child = new Deno.Command("sh", {
      args: ["-c", command.replaceAll("/etc/pve/lxc", directory)],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    const input = `${waits ? goLine(birth) : ""}the script\n`;
    // It may end without reading it.
    await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    if (code === 0) assert.equal(out, "the script\n");
    return { entered: code === 0, other: isOther(err ?? "") };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const entered = { entered: true, other: false };
const refused = { entered: false, other: true };

for (const waits of [false, true]) {
  const named = waits ? "guardedOnceTold()" : "guarded()";

  Deno.test(`${named} enters the container that has the root disk and the address`, async () => {
    const snapshot = "[before]\nrootfs: local-lvm:vm-100-disk-9\nsnaptime: 1\n";
    for (
      const config of [
        `#a note\narch: amd64\n${NET}${ROOT}`,
        `${ROOT.replace(": ", ":   volume=")}${NET.toLowerCase()}`,
        `rootfs: size=8G,volume=local-lvm:vm-100-disk-0\nnet3:${NET.slice(5)}${snapshot}`,
        `${ROOT}net0: hwaddr=BC:24:11:00:00:00\n[pve:pending]\n${NET}`,
      ]
    ) assert.deepEqual(await enter(config, BIRTH, { waits }), entered, config);
  });

  Deno.test(`${named} enters no other one, nor what only a snapshot or a note knows`, async () => {
    for (
      const config of [
        undefined,
        "",
        `${ROOT}${NET.replace("0A", "0B")}`,
        `${ROOT.replace("disk-0", "disk-01")}${NET}`,
        `${ROOT.replace("local-lvm", "tank")}${NET}`,
        `#${ROOT}${NET}`,
        `${ROOT}[before]\n${NET}`,
        `${NET}[before]\n${ROOT}`,
        `${NET}mp0: local-lvm:vm-100-disk-0,mp=/data\n`,
      ]
    ) assert.deepEqual(await enter(config, BIRTH, { waits }), refused, config);
  });

  Deno.test(`${named} goes by the hostname where there is no interface`, async () => {
    const config = `hostname: web-1\n${ROOT}`;
    const volume = "local-lvm:vm-100-disk-0";
    assert.deepEqual(await enter(config, `${volume} web-1`, { waits }), entered);
    assert.deepEqual(await enter(config, `${volume} web-10`, { waits }), refused);
    assert.deepEqual(await enter(config, `${volume} web-*`, { waits }), refused);
    assert.deepEqual(await enter(ROOT, `${volume} undefined`, { waits }), entered);
  });
}
