import type { Cluster, Ct } from "../cluster.ts";
import { isHostPath, mountsOf } from "./ct.ts";
import { allocate, diskOption } from "./disks.ts";
import { placeCt } from "./place.ts";
import { free } from "../storage.ts";

/** Hostname of the container that replaces another one. */
const OTHER = "somebody-else";

/** Description of that container, whatever its hostname. */
export const OTHERS_NOTE = "not made by pxrun\n";

/**
 * Lets somebody else destroy a container and get its vmid: at once, or as soon as nobody holds its
 * configuration file. His guest runs, and has a disk, a hardware address and a description of
 * its own.
 *
 * @param onReplaced Sees the new guest.
 */
export function replaceCt(
  cluster: Cluster,
  vmid: number,
  hostname: string = OTHER,
  onReplaced: (ct: Ct) => void = () => {},
): void {
  const node = cluster.cts.get(vmid)?.node ?? [...cluster.nodes.keys()][0] ?? "";
  const replace = (): void => {
    if (cluster.closing.signal.aborted) return;
    const held = cluster.locks.get(vmid);
    if (held) return void held.then(replace);
    onReplaced(replaceNow(cluster, { vmid, node, hostname }));
  };
  replace();
}

interface Other {
  readonly vmid: number;
  readonly node: string;
  readonly hostname: string;
}

function replaceNow(cluster: Cluster, { vmid, node, hostname }: Other): Ct {
  const old = cluster.cts.get(vmid);
  const volumes = mountsOf(old?.config ?? {}).map(([, mount]) => mount["volume"] ?? "");
  free(cluster, node, volumes.filter((volume) => !isHostPath(volume)));
  old?.guest?.stop();
  const disk = allocate(cluster, { node, vmid, storage: "local-lvm", bytes: 8 * 1024 ** 3 });
  return placeCt(cluster, {
    vmid,
    node,
    status: "running",
    config: {
      hostname,
      description: OTHERS_NOTE,
      rootfs: diskOption(disk, {}),
      net0: "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0D:0D:0D,ip=dhcp,type=veth",
    },
  });
}
