import assert from "node:assert/strict";
import { runCli } from "../../../lib/cli/app/run.ts";
import { type LxcLab, startLxcLab } from "../../lab/mod.ts";
import { until } from "../../support/until.ts";

const recipe = `
container:
  hostname: half
  template: busybox-1.35_1_amd64.tar.zst
  mount_points:
    - { host: /srv/data, container: /data }
    - { volume: local-lvm, size: 1G, container: /var/lib/app }
  devices:
    - { path: /dev/fuse }
provisioning:
  scripts: [{ name: slow, content: "echo begun >/data/begun; sleep 1000" }]
`;

/** All that a create could leave, in the cluster and on the node. */
async function state(lab: LxcLab): Promise<string> {
  const storages = ["local", "local-lvm"].map((storage) =>
    lab.node.sh(`pvesm list ${storage}; pct list`)
  );
  return (await Promise.all(storages)).join("") + await lab.node.sh(`
    ls /var/lib/lxc /srv/data
    grep -E 'lxc|loop' /proc/mounts | grep -v '^containers ' || true
    ip -br link | grep veth || true
    find /sys/fs/cgroup -name '*payload*'`);
}

Deno.test("a create that is interrupted leaves nothing of its container, whatever it was doing", async () => {
  await using lab = await startLxcLab("busybox");
  await lab.node.sh("mkdir -p /srv/data; chown 100000:100000 /srv/data");
  const before = await state(lab);
  assert.match(before, /busybox-1\.35/);
  type Look = (stderr: string, calls: readonly string[]) => boolean | Promise<boolean>;
  const moments: Readonly<Record<string, Look>> = {
    "it looks around": (_, calls) => calls.length > 1,
    "the container is made": (_, calls) => calls.includes("POST /nodes/pve01/lxc"),
    "mounts and devices are set": (stderr) => stderr.includes("✓ created container"),
    "it starts": (_, calls) => calls.some((call) => /^POST .*\/status\/start$/.test(call)),
    "it waits for an address": (stderr) => stderr.includes("✓ started"),
    "a script runs": () => lab.node.sh("rm /srv/data/begun").then(() => true, () => false),
  };
  for (const [moment, isThere] of Object.entries(moments)) {
    const platform = lab.platform({ stdin: recipe });
    const since = lab.simulator.requests.length;
    const calls = (): string[] =>
      lab.simulator.requests.slice(since).map(({ method, path }) => `${method} ${path}`);
    const status = runCli(["create", "-", "--yes"], platform);
    await until(moment, () => isThere(platform.stderr(), calls()));
    platform.interrupt();
    assert.equal(await status, 130, `${moment}: ${platform.stderr()}`);
    assert.equal(await state(lab), before, `${moment}: ${platform.stderr()}`);
  }
});
