import { quote } from "../core/argv.ts";
import type { Recipe } from "../recipe/types.ts";
import type { Placement } from "./placement.ts";
import type { PlanProblem } from "./problem.ts";
import { HOST_ZONE } from "./provision/build.ts";
import type { Permissions, Snapshot } from "./snapshot.ts";

/** A privilege that is needed on one of some paths. */
export interface Need {
  readonly privilege: string;
  /** Another one that will do as well. */
  readonly or?: string;
  /** Any of them will do. */
  readonly paths: readonly string[];
  /** What to do without it. */
  readonly otherwise?: string;
}

/** What making, starting and reading a container takes, on its vmid or its pool. */
export const GUEST_PRIVILEGES: readonly string[] = [
  "VM.Allocate",
  "VM.Audit",
  "VM.PowerMgmt",
  "VM.Config.Disk",
  "VM.Config.CPU",
  "VM.Config.Memory",
  "VM.Config.Network",
];

/** The smallest role of Proxmox's own that holds a privilege. */
function roleWith(privilege: string): string {
  if (privilege === "Datastore.AllocateTemplate") return "PVEDatastoreAdmin";
  if (privilege.startsWith("Datastore.")) return "PVEDatastoreUser";
  if (privilege.startsWith("SDN.")) return "PVESDNUser";
  if (privilege === "Sys.Audit") return "PVEAuditor";
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

/** Whose rights are looked at: `user@realm!name` of a token, or `user@realm`. */
export interface Holder {
  readonly permissions: Permissions;
  readonly tokenId: string;
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

/** What is lacking on one path. */
export interface Lack {
  readonly path: string;
  readonly privileges: readonly string[];
  readonly problem: PlanProblem;
}

/** The rights that somebody lacks, one entry for each path, with the line that grants them. */
export function lacking(wanted: readonly Need[], { permissions, tokenId }: Holder): Lack[] {
  const missing = new Map<string, Set<string>>();
  const ways = new Map<string, string>();
  for (const { privilege, or = privilege, paths, otherwise } of wanted) {
    const held = paths.some((path) =>
      holds(permissions, path, privilege) || holds(permissions, path, or)
    );
    if (held) continue;
    const path = grantPath(paths);
    missing.set(path, (missing.get(path) ?? new Set()).add(privilege));
    if (otherwise !== undefined) ways.set(path, `; or ${otherwise}`);
  }
  return [...missing].map(([path, names]) => {
    const privileges = [...names];
    const who = tokenId.includes("!") ? "the token" : "the user";
    const problem: PlanProblem = {
      code: "PERMISSION_DENIED",
      message: `${who} ${tokenId} lacks ${privileges.join(", ")} on ${path}`,
      // What would do without one right does not do without the others.
      hint: grants(path, privileges, tokenId) + (privileges.length > 1 ? "" : ways.get(path) ?? ""),
    };
    return { path, privileges, problem };
  });
}

/** A pool on which containers can be made, for somebody who may not everywhere. */
export function poolThatWillDo({ permissions }: Pick<Holder, "permissions">): string | undefined {
  const path = Object.keys(permissions).find((path) =>
    /^\/pool\/[^/]+$/.test(path) &&
    GUEST_PRIVILEGES.every((privilege) => holds(permissions, path, privilege))
  );
  return path?.slice("/pool/".length);
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
  const roles = own
    ? "PxrunPrivileged"
    // Who is only to see gets no more.
    : privileges.every((privilege) => privilege === "VM.Audit")
    ? "PVEAuditor"
    : [...new Set(privileges.map(roleWith))].join(",");
  const make = own ? `pveum role add ${roles} --privs ${privileges.join(",")} && ` : "";
  const line = (whom: string): string =>
    `${make}pveum acl modify ${quote(path)} ${whom} --roles ${roles}`;
  if (!tokenId.includes("!")) return `on a node: ${line(`--users ${tokenId}`)}`;
  return `on a node: ${line(`--tokens '${tokenId}'`)}` +
    ` (and the same with --users ${tokenId.split("!")[0]})`;
}
