import type { Recipe } from "../recipe/schema/types.ts";
import type { Placement } from "./placement.ts";
import type { PlanProblem } from "../core/problem.ts";
import { HOST_ZONE } from "../provision/build.ts";
import { GUEST_PRIVILEGES, holds, lacking, type Need, poolThatWillDo } from "../cluster/rights.ts";
import type { Snapshot } from "./snapshot.ts";

/** Privileges that the token needs to create this container. */
export function needs(
  recipe: Recipe,
  placement: Placement,
  vmid: number,
  vnets: ReadonlySet<string> = new Set(),
): Need[] {
  const { container } = recipe;
  const guest = [`/vms/${vmid}`, ...(container.pool ? [`/pool/${container.pool}`] : [])];
  const onGuest = [
    ...GUEST_PRIVILEGES,
    ...(setsOptions(recipe) ? ["VM.Config.Options"] : []),
  ];
  const storages = new Set([placement.storage]);
  for (const mount of container.mount_points) if ("volume" in mount) storages.add(mount.volume);
  const { volid, download } = placement.template;
  // A pool does not count for tags: the guest is not in it yet when Proxmox looks.
  const tags: Need = {
    privilege: "VM.Config.Options",
    paths: guest.slice(0, 1),
    otherwise: "leave the tags out",
  };
  return [
    ...onGuest.map((privilege) => ({ privilege, paths: guest })),
    ...(container.tags.length > 0 ? [tags] : []),
    ...(container.unprivileged ? [] : [{ privilege: "Sys.Modify", paths: ["/"] }]),
    // Of a storage that belongs to a pool, Proxmox lists the pool's rights at the storage itself.
    ...[...storages].map((storage) => ({
      privilege: "Datastore.AllocateSpace",
      paths: [`/storage/${storage}`],
    })),
    {
      privilege: "Datastore.Audit",
      or: "Datastore.AllocateSpace",
      paths: [`/storage/${volid.split(":")[0]}`],
    },
    ...(download
      ? [{ privilege: "Datastore.AllocateTemplate", paths: [`/storage/${download.storage}`] }]
      : []),
    ...placement.bridges.flatMap((bridge, index) => {
      // A vnet is not in the local zone; which one it is in, Proxmox itself knows.
      if (vnets.has(bridge)) return [];
      const zone = `/sdn/zones/localnetwork/${bridge}`;
      const vlan = container.network[index]?.vlan;
      return [{ privilege: "SDN.Use", paths: [vlan === undefined ? zone : `${zone}/${vlan}`] }];
    }),
  ];
}

function setsOptions({ container, provisioning }: Recipe): boolean {
  const { description, startup, start_on_boot, protection } = container;
  return description !== undefined || startup !== undefined || start_on_boot || protection ||
    provisioning.timezone === HOST_ZONE;
}

/** Every right that the token lacks for this create, each with the line that grants it. */
export function missingRights(
  recipe: Recipe,
  placement: Placement,
  snapshot: Snapshot,
): PlanProblem[] {
  const vmid = recipe.container.vmid ?? snapshot.nextVmid;
  const vnets = snapshot.nodes.find((n) => n.node === placement.node)?.vnets ?? [];
  const other = recipe.container.pool === undefined ? poolThatWillDo(snapshot) : undefined;
  const lacks = lacking(needs(recipe, placement, vmid, new Set(vnets)), snapshot)
    .map(({ path, problem }) => {
      if (path !== "/vms" || other === undefined) return problem;
      const hint =
        `${problem.hint}; or make it in the pool ${other}, where it may: --pool ${other}`;
      return { ...problem, hint };
    });
  return [...lacks, ...refusedTags(recipe, snapshot)];
}

/** Tags that the datacenter's policy keeps from this token. */
function refusedTags({ container }: Recipe, snapshot: Snapshot): PlanProblem[] {
  const { tagPolicy, permissions } = snapshot;
  const sees = holds(permissions, "/", "Sys.Audit") && !holds(permissions, "/", "Sys.Modify");
  if (tagPolicy === undefined || !sees) return [];
  const { freeform, registered, allowed, caseSensitive = false } = tagPolicy;
  const refused = container.tags.filter((tag) => {
    const kept = caseSensitive ? tag : tag.toLowerCase();
    return !allowed.includes(kept) && (!freeform || registered.includes(kept));
  });
  if (refused.length === 0) return [];
  return [{
    code: "PERMISSION_DENIED",
    message: `the datacenter's tag policy does not let ${snapshot.tokenId} set ${
      refused.join(", ")
    }`,
    hint: allowed.length > 0
      ? `it lets you set ${allowed.join(", ")}`
      : "leave the tags out; Datacenter > Options > User Tag Access changes the policy",
    path: "container.tags",
  }];
}
