import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import {
  destroyGuest,
  Gone,
  OtherGuest,
  type Target,
  updateGuest,
} from "../../cluster/changes/same_guest.ts";
import { finish } from "../../proxmox/task.ts";
import { isOurs, type OwnContainer } from "./own.ts";

/** How long a lock that another client holds may hold this up, in milliseconds. */
const LOCK_PATIENCE = 30_000;

/**
 * Destroys a container that this run has made, running or not, on whatever node it is by now.
 *
 * @returns What is worth a word: that another guest has its vmid by now, which is left alone.
 */
export async function removeOwn(
  cluster: Cluster,
  own: OwnContainer,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { vmid, node } = own;
  const follow = { follow: true, lockPatience: LOCK_PATIENCE };
  const target: Target = { vmid, node, is: isOurs(own), signal, ...follow };
  try {
    await unprotect(cluster, target, own);
    await destroyGuest(cluster, target, { force: true, purge: true }, async (upid) => {
      await finish(cluster, upid, signal);
    });
    return [];
  } catch (error) {
    if (error instanceof Gone) return [];
    if (!(error instanceof OtherGuest)) throw error;
    return [`the container made as ${vmid} is not there any more: ${error.message}; left alone`];
  }
}

async function unprotect(cluster: Cluster, target: Target, own: OwnContainer): Promise<void> {
  await updateGuest(cluster, target, ({ protection }) => {
    if (protection && !own.protects) throw protectedByOthers(own);
    return protection ? { protection: false } : undefined;
  });
}

function protectedByOthers({ vmid }: OwnContainer): PxrunError {
  return new PxrunError("FAILED", `another client has protected container ${vmid}`, {
    hint: `if it is to go anyway: pxrun destroy ${vmid} --force`,
  });
}
