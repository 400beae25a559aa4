import type { Recipe } from "../recipe/types.ts";
import type { Placement } from "./placement.ts";
import type { PlanProblem } from "./problem.ts";
import { HOST_ZONE } from "./provision/build.ts";
import type { Permissions, Snapshot } from "./snapshot.ts";

/** A privilege that a create needs on one of some paths. */
interface Need {
  readonly privilege: string;
  /** Any of them will do. */
  readonly paths: readonly string[];
}

/** The smallest role of Proxmox's own that holds a privilege. */
function roleWith(privilege: string): string {
  if (privilege === "Datastore.AllocateTemplate") return "PVEDatastoreAdmin";
  if (privilege.startsWith("Datastore.")) return "PVEDatastoreUser";
  if (privilege.startsWith("SDN.")) return "PVESDNUser";
  return "PVEVMAdmin";
}

/** What Proxmox will ask of the token when this container is created. */
export function needs(
  recipe: Recipe,
  placement: Placement,
  vmid: number,
  vnets: ReadonlySet<string> = new Set(),
): Need[] {
  const { container } = recipe;
  const guest = [`/vms/${vmid}`, ...(container.pool ? [`/pool/${container.pool}`] : [])];
  const onGuest = [
    "VM.Allocate",
    "VM.Audit",
    "VM.PowerMgmt",
    "VM.Config.Disk",
    "VM.Config.CPU",
    "VM.Config.Memory",
    "VM.Config.Network",
    ...(setsOptions(recipe) ? ["VM.Config.Options"] : []),
  ];
  const storages = new Set([placement.storage]);
  for (const mount of container.mount_points) if ("volume" in mount) storages.add(mount.volume);
  const download = placement.template.download;
  return [
    ...onGuest.map((privilege) => ({ privilege, paths: guest })),
    ...(container.unprivileged ? [] : [{ privilege: "Sys.Modify", paths: ["/"] }]),
    ...[...storages].map((storage) => ({
      privilege: "Datastore.AllocateSpace",
      paths: [`/storage/${storage}`, ...guest.slice(1)],
    })),
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
  const { tags, description, startup, start_on_boot, protection } = container;
  return tags.length > 0 || description !== undefined || startup !== undefined || start_on_boot ||
    protection || provisioning.timezone === HOST_ZONE;
}

/** Whether the rights reach a path: the nearest path above it that is listed decides. */
export function holds(permissions: Permissions, path: string, privilege: string): boolean {
  let at = path;
  while (true) {
    const here = permissions[at];
    if (here !== undefined) {
      return Object.hasOwn(here, privilege) && (at === path || here[privilege] === true);
    }
    if (at === "/") return false;
    at = at.slice(0, at.lastIndexOf("/")) || "/";
  }
}

/** Every right that the token lacks for this create, each with the line that grants it. */
export function missingRights(
  recipe: Recipe,
  placement: Placement,
  snapshot: Snapshot,
): PlanProblem[] {
  const vmid = recipe.container.vmid ?? snapshot.nextVmid;
  const missing = new Map<string, string[]>();
  const vnets = snapshot.nodes.find((n) => n.node === placement.node)?.vnets ?? [];
  for (const { privilege, paths } of needs(recipe, placement, vmid, new Set(vnets))) {
    if (paths.some((path) => holds(snapshot.permissions, path, privilege))) continue;
    const path = grantPath(paths);
    missing.set(path, [...missing.get(path) ?? [], privilege]);
  }
  return [...missing].map(([path, privileges]) => ({
    code: "PERMISSION_DENIED",
    message: `${
      snapshot.tokenId.includes("!") ? "the token" : "the user"
    } ${snapshot.tokenId} lacks ${[...new Set(privileges)].join(", ")} on ${path}`,
    hint: grants(path, privileges, snapshot.tokenId),
  }));
}

/** Rights on one vmid that is free today are granted on all of them, or on the pool. */
function grantPath(paths: readonly string[]): string {
  const pool = paths.find((path) => path.startsWith("/pool/"));
  const first = pool ?? paths[0] ?? "/";
  return first.startsWith("/vms/") ? "/vms" : first;
}

function grants(path: string, privileges: readonly string[], tokenId: string): string {
  // No role of Proxmox's own but Administrator holds it.
  const own = privileges.includes("Sys.Modify");
  const roles = own ? "PxrunPrivileged" : [...new Set(privileges.map(roleWith))].join(",");
  const make = own ? `pveum role add ${roles} --privs ${privileges.join(",")} && ` : "";
  const line = (whom: string): string => `${make}pveum acl modify ${path} ${whom} --roles ${roles}`;
  if (!tokenId.includes("!")) return `on a node: ${line(`--users ${tokenId}`)}`;
  return `on a node: ${line(`--tokens '${tokenId}'`)}` +
    ` (and the same with --users ${tokenId.split("!")[0]})`;
}
