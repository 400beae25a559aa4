import { failed } from "../../cluster/state/error.ts";
import { checkUnlocked, findCt } from "../../cluster/state/ct/ct.ts";
import { withLock } from "../../cluster/state/ct/locks.ts";
import type { Ct } from "../../cluster/state/cluster.ts";
import type { PctCall, PctCommand } from "./command.ts";

const LOCK = "mounted";

function find({ context, vmid }: PctCall): Ct {
  return findCt(context.cluster, context.node, Number(vmid));
}

function rootfs(vmid: string): string {
  return `/var/lib/lxc/${vmid}/rootfs`;
}

/** Marks a container as mounted, while nobody else writes its configuration. */
async function lock(pct: PctCall): Promise<Ct> {
  const { context: { cluster }, vmid } = pct;
  return await withLock(cluster, Number(vmid), { signal: cluster.closing.signal }, () => {
    const ct = find(pct);
    checkUnlocked(ct);
    ct.config["lock"] = LOCK;
    return ct;
  });
}

const mount: PctCommand = {
  usage: "<vmid>",
  options: {},
  run: async (pct) => {
    const { context: { tree }, process, vmid } = pct;
    const { guest } = await lock(pct);
    tree.mkdirs(`/var/lib/lxc/${vmid}`);
    const root = guest?.root?.();
    if (root !== undefined) tree.insert(rootfs(vmid), root);
    await process.out(`mounted CT ${vmid} in '${rootfs(vmid)}'\n`);
    return 0;
  },
};

const unmount: PctCommand = {
  usage: "<vmid>",
  options: {},
  run: async (pct) => {
    const { context: { cluster, tree }, vmid } = pct;
    await withLock(cluster, Number(vmid), { signal: cluster.closing.signal }, () => {
      const { config } = find(pct);
      if (config["lock"] !== LOCK) throw failed(`no lock found trying to remove '${LOCK}'  lock`);
      delete config["lock"];
      tree.dir(`/var/lib/lxc/${vmid}`).entries.delete("rootfs");
    });
    return 0;
  },
};

/** Subcommands that show a container's file system on the node. */
export const MOUNTS: Readonly<Record<string, PctCommand>> = { mount, unmount };
