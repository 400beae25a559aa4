import { quote } from "../core/argv.ts";
import type { PlanProblem } from "../core/problem.ts";

/** Path → privilege → whether it reaches the paths below. */
export type Permissions = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/** A privilege that is needed on one of some paths. */
export interface Need {
  readonly privilege: string;
  /** Another one that will do as well. */
  readonly or?: string;
  /** Any of them will do. */
  readonly paths: readonly string[];
  /** Alternative without it. */
  readonly otherwise?: string;
}

/** Privileges for making, starting and reading a container, on its vmid or its pool. */
export const GUEST_PRIVILEGES: readonly string[] = [
  "VM.Allocate",
  "VM.Audit",
  "VM.PowerMgmt",
  "VM.Config.Disk",
  "VM.Config.CPU",
  "VM.Config.Memory",
  "VM.Config.Network",
];

/** True if the rights reach a path: the nearest path above it that is listed decides. */
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

/** Missing privileges on one path. */
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

/** The smallest role of Proxmox's own that holds a privilege. */
function roleWith(privilege: string): string {
  if (privilege === "Datastore.AllocateTemplate") return "PVEDatastoreAdmin";
  if (privilege.startsWith("Datastore.")) return "PVEDatastoreUser";
  if (privilege.startsWith("SDN.")) return "PVESDNUser";
  if (privilege === "Sys.Audit") return "PVEAuditor";
  return "PVEVMAdmin";
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
