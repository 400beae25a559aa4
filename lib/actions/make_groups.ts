import { limits } from "../core/limits.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { sameInside } from "../cluster/changes/same_guest.ts";
import { enterable } from "../cluster/guests/reach.ts";
import type { Place } from "../cluster/guests/where.ts";
import { quote } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import type { EnterOptions } from "../guest/enter.ts";
import { runInGuest } from "../guest/session.ts";
import { type ClusterModule, type Gids, targetOf } from "./context.ts";

/** Range of system groups in which a free gid is looked for, from the top: the low ones are the packages'. */
const HIGHEST = 989;
const LOWEST = 500;

/** Groups of /etc/group. */
export function readGroups(text: string): Gids {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [name = "", , gid = ""] = line.split(":");
      return /^\d+$/.test(gid) ? [[name, Number(gid)] as const] : [];
    }),
  );
}

/** Gids for groups that a container does not have yet, of those that are free. */
export function freeGids(names: readonly string[], taken: Gids): Gids {
  const used = new Set(taken.values());
  const missing = [...new Set(names)].filter((name) => !taken.has(name));
  const chosen = new Map<string, number>();
  for (let gid = HIGHEST; gid >= LOWEST && chosen.size < missing.length; gid--) {
    const name = missing[chosen.size];
    if (!used.has(gid) && name !== undefined) chosen.set(name, gid);
  }
  return chosen;
}

/** Groups that a device was given to are made in a container that runs, where they are missing. */
export interface MakeGroups {
  readonly kind: "make-groups";
  readonly id: "groups";
  readonly vmid: number;
  readonly groups: readonly string[];
}

/** Which are missing is known once the container exists: the action that gave them a gid found out. */
export const makeGroups: ClusterModule<MakeGroups> = {
  describe: ({ vmid, groups }) => ({
    title: `make ${groups.join(", ")} inside where missing`,
    by: "SSH",
    call: `lxc-attach -n ${vmid} --clear-env -- sh -s`,
    why: "the API cannot run commands inside a container",
  }),
  async run(_, context) {
    const { cluster, groups = new Map(), signal } = context;
    if (groups.size === 0) return { changed: false };
    const target = targetOf(context);
    const same = sameInside(cluster, target);
    await addGroups(cluster, target, groups, { signal, same });
    return { done: `made ${[...groups.keys()].join(", ")} inside` };
  },
};

/** Adds groups to a container that runs, unless something in it was quicker. */
export async function addGroups(
  cluster: Pick<Cluster, "ssh" | "route" | "platform">,
  place: Place,
  gids: Gids,
  { signal, same }: Pick<EnterOptions, "signal" | "same">,
): Promise<void> {
  const { ssh, sudo, vmid } = await enterable(cluster, place, signal);
  const script = [...gids].map(([name, gid]) => {
    const group = quote(name);
    // shadow's groupadd, BusyBox's addgroup, or what both write.
    return `grep -q '^'${group}: /etc/group || groupadd -r -g ${gid} ${group} 2>/dev/null ||
addgroup -S -g ${gid} ${group} 2>/dev/null || echo ${group}:x:${gid}: >>/etc/group || exit\n`;
  }).join("");
  const { code, stderr } = await runInGuest(ssh, vmid, script, {
    clock: cluster.platform.clock,
    timeout: limits.create.groups,
    signal,
    sudo,
    same,
  }).catch((error) => {
    throw error instanceof PxrunError && error.code === "TIMEOUT"
      ? notMade(gids, error.message, error)
      : error;
  });
  if (code !== 0) throw notMade(gids, new TextDecoder().decode(stderr).trim());
}

function notMade(gids: Gids, why: string, cause?: PxrunError): PxrunError {
  const names = [...gids.keys()].join(", ");
  return new PxrunError(cause?.code ?? "FAILED", `cannot make ${names}: ${why}`, {
    hint: "give the device a gid instead of a group",
    ...(cause && { cause }),
  });
}
