import type { Cluster } from "./cluster.ts";
import type { Who } from "./who.ts";
import { forbidden } from "./error.ts";
import { authId } from "./who.ts";

/** Privilege → whether it reaches the paths below. */
export type Privileges = ReadonlyMap<string, boolean>;

/** Permissions of a caller at a path. */
export function privileges(cluster: Cluster, who: Who, path: string): Privileges {
  if (who.user === "root@pam" && !isSeparated(cluster, who)) return administrator(cluster);
  if (!isSeparated(cluster, who)) return granted(cluster, who.user, path);
  const own = granted(cluster, authId(who), path);
  if (who.user === "root@pam") return own;
  const users = granted(cluster, who.user, path);
  return new Map(
    [...own].filter(([name]) => users.has(name))
      .map(([name, down]) => [name, down && users.get(name) === true]),
  );
}

/** True if a token has its own rights only. A token that is gone has none. */
function isSeparated(cluster: Cluster, who: Who): boolean {
  return who.token !== undefined && cluster.tokens.get(authId(who))?.privsep !== false;
}

function administrator(cluster: Cluster): Privileges {
  return new Map(Array.from(cluster.roles.get("Administrator") ?? [], (name) => [name, true]));
}

/** The privileges of the roles that hold at a path, those of the pools around it included. */
function granted(cluster: Cluster, id: string, path: string): Privileges {
  const roles = rolesAt(cluster, id, path);
  if (!roles.has("NoAccess")) {
    for (const pool of poolsOf(cluster, path)) {
      for (const role of rolesAt(cluster, id, `/pool/${pool}`).keys()) {
        if (role === "NoAccess") return new Map();
        if (!roles.has(role)) roles.set(role, false);
      }
    }
  }
  const found = new Map<string, boolean>();
  for (const [role, down] of roles) {
    for (const name of cluster.roles.get(role) ?? []) {
      found.set(name, down || found.get(name) === true);
    }
  }
  return found;
}

/** Roles at a path: what stands deeper replaces what came down from above. */
function rolesAt(cluster: Cluster, id: string, path: string): Map<string, boolean> {
  let roles = new Map<string, boolean>();
  for (const step of pathsTo(path)) {
    const here = cluster.acls
      .filter((acl) => acl.who === id && acl.path === step && (step === path || acl.propagate));
    if (here.length > 0) roles = new Map(here.map((acl) => [acl.role, acl.propagate]));
  }
  return roles;
}

function pathsTo(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  return ["/", ...names.map((_, i) => "/" + names.slice(0, i + 1).join("/"))];
}

function poolsOf(cluster: Cluster, path: string): string[] {
  const [, kind, name = ""] = path.split("/");
  const pool = cluster.cts.get(Number(name))?.pool;
  if (kind === "vms") return pool === undefined ? [] : [pool];
  if (kind !== "storage") return [];
  return [...cluster.pools.values()].filter((pool) => pool.storages.has(name)).map(({ id }) => id);
}

/** True if somebody has all of these privileges at a path. */
export function may(cluster: Cluster, who: Who, path: string, names: readonly string[]): boolean {
  const has = privileges(cluster, who, path);
  return names.every((name) => has.has(name));
}

/** True if somebody has one of these privileges at a path. */
export function mayAny(
  cluster: Cluster,
  who: Who,
  path: string,
  names: readonly string[],
): boolean {
  const has = privileges(cluster, who, path);
  return names.some((name) => has.has(name));
}

/** Refuses whoever lacks one of these privileges. */
export function check(cluster: Cluster, who: Who, path: string, names: readonly string[]): void {
  const has = privileges(cluster, who, path);
  const missing = names.find((name) => !has.has(name));
  if (missing !== undefined) throw forbidden(`${path}, ${missing}`);
}

/** Refuses whoever has none of these privileges. */
export function checkAny(
  cluster: Cluster,
  who: Who,
  path: string,
  names: readonly string[],
): void {
  if (!mayAny(cluster, who, path, names)) throw forbidden(`${path}, ${names.join("|")}`);
}

/** As {@linkcode check} on a guest; the pool that it is put into serves as well. */
export function checkGuest(
  cluster: Cluster,
  who: Who,
  vmid: number,
  pool: string | undefined,
  names: readonly string[],
): void {
  if (pool !== undefined && may(cluster, who, `/pool/${pool}`, names)) return;
  check(cluster, who, `/vms/${vmid}`, names);
}

/** All paths at which somebody may do something, as /access/permissions lists them. */
export function permissionMap(cluster: Cluster, who: Who): Record<string, Record<string, 0 | 1>> {
  const paths = new Set([
    ...["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"],
    ...cluster.acls.flatMap((acl) => pathsTo(acl.path)),
    ...[...cluster.cts.values()].filter((ct) => ct.pool !== undefined).map((ct) =>
      `/vms/${ct.vmid}`
    ),
    ...[...cluster.pools.values()].flatMap((pool) =>
      [...pool.storages].map((s) => `/storage/${s}`)
    ),
  ]);
  const map: Record<string, Record<string, 0 | 1>> = {};
  for (const path of paths) {
    const has = privileges(cluster, who, path);
    if (has.size > 0) {
      map[path] = Object.fromEntries(Array.from(has, ([name, down]) => [name, down ? 1 : 0]));
    }
  }
  return map;
}
