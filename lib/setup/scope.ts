/** Reach of a token. Neither a pool nor storages: all of the cluster. */
export interface Scope {
  /** Its containers are in this pool. */
  readonly pool?: string;
  /** Its disks and templates are on these; none named: on any. */
  readonly storages: readonly string[];
}

/** Form that {@linkcode parseScope} reads, for a message. */
export const SCOPE_FORM = "/ (everything), pool:NAME, storage:NAME, or several with commas: " +
  "pool:dev,storage:local,storage:local-lvm";

const poolPattern = /^[\w.-]+(\/[\w.-]+){0,2}$/;
const storagePattern = /^[a-z][\w.-]*[a-z0-9]$/i;

/**
 * Reads the value of `--scope`.
 *
 * @returns Undefined when it cannot be read.
 */
export function parseScope(text: string): Scope | undefined {
  if (text.trim() === "/") return { storages: [] };
  const pools: string[] = [];
  const storages: string[] = [];
  for (const part of text.split(",").map((word) => word.trim())) {
    const [, kind, name = ""] = /^(pool|storage):(.*)$/.exec(part) ?? [];
    if (kind === "pool" && poolPattern.test(name)) pools.push(name);
    else if (kind === "storage" && storagePattern.test(name)) storages.push(name);
    else return undefined;
  }
  const [pool] = pools;
  if (pools.length > 1) return undefined;
  return { storages: [...new Set(storages)], ...(pool !== undefined && { pool }) };
}

/** True if it is all of the cluster. */
export function isEverything({ pool, storages }: Scope): boolean {
  return pool === undefined && storages.length === 0;
}

/** The paths of the access control list at which the role has to be granted. */
export function scopePaths(scope: Scope): string[] {
  if (isEverything(scope)) return ["/"];
  const { pool, storages } = scope;
  return [
    // Without a pool, any container; the load of nodes, so that the freest can be chosen.
    ...(pool === undefined ? ["/vms", "/nodes"] : [`/pool/${pool}`]),
    ...(storages.length === 0 ? ["/storage"] : storages.map((storage) => `/storage/${storage}`)),
    "/sdn/zones/localnetwork",
  ];
}
