import { failed } from "../../state/error.ts";
import { findCt } from "../../state/ct.ts";
import type { Ct } from "../../state/cluster.ts";
import type { PctCall, PctCommand } from "./mod.ts";

const LOCK = "mounted";

function find({ context, vmid }: PctCall): Ct {
  return findCt(context.cluster, context.node, Number(vmid));
}

function rootfs(vmid: string): string {
  return `/var/lib/lxc/${vmid}/rootfs`;
}

const mount: PctCommand = {
  usage: "<vmid>",
  options: {},
  run: async (pct) => {
    const { context: { tree }, process, vmid } = pct;
    const { config, guest } = find(pct);
    if (config["lock"] !== undefined) throw failed(`CT is locked (${config["lock"]})`);
    config["lock"] = LOCK;
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
  run: (pct) => {
    const { context: { tree }, vmid } = pct;
    const { config } = find(pct);
    if (config["lock"] !== LOCK) throw failed(`no lock found trying to remove '${LOCK}'  lock`);
    delete config["lock"];
    tree.dir(`/var/lib/lxc/${vmid}`).entries.delete("rootfs");
    return Promise.resolve(0);
  },
};

/** Subcommands that show a container's file system on the node. */
export const MOUNTS: Readonly<Record<string, PctCommand>> = { mount, unmount };
