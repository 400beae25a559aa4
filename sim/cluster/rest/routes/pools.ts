import { check, may } from "../../state/access.ts";
import type { Cluster, Pool } from "../../state/cluster.ts";
import { failed } from "../../state/error.ts";
import { splitList } from "../../state/property.ts";
import { guestResource } from "../../state/views.ts";
import type { Route } from "../route.ts";

const TEXT = { type: "string", optional: true } as const;
const FLAG = { type: "boolean", optional: true } as const;
const POOL_ID = { ...TEXT, format: "pve-poolid" } as const;
const KIND = { ...TEXT, enum: ["qemu", "lxc", "storage"] } as const;

const CHANGE = {
  vms: TEXT,
  storage: TEXT,
  comment: TEXT,
  delete: FLAG,
  "allow-move": FLAG,
} as const;

/** /pools. */
export const POOLS: readonly Route[] = [
  {
    method: "GET",
    path: "/pools",
    params: { poolid: POOL_ID, type: KIND },
    handle: ({ cluster, who, params }) => {
      // Whoever names a pool sees it, with or without Pool.Audit: so does the real one.
      if (params["poolid"] !== undefined) {
        return [{ poolid: params["poolid"], ...poolView(cluster, params["poolid"]) }];
      }
      return [...cluster.pools.values()]
        .filter(({ id }) => may(cluster, who, `/pool/${id}`, ["Pool.Audit"]))
        .map(({ id, comment }) => ({ poolid: id, ...(comment === "" ? {} : { comment }) }));
    },
  },
  {
    method: "POST",
    path: "/pools",
    params: { poolid: { type: "string", format: "pve-poolid" }, comment: TEXT },
    handle: ({ cluster, who, params }) => {
      const { poolid: id = "", comment = "" } = params;
      check(cluster, who, `/pool/${id}`, ["Pool.Allocate"]);
      if (cluster.pools.has(id)) throw failed(`create pool failed: pool '${id}' already exists`);
      cluster.pools.set(id, { id, storages: new Set(), comment });
    },
  },
  {
    method: "DELETE",
    path: "/pools",
    params: { poolid: { type: "string", format: "pve-poolid" } },
    handle: ({ cluster, who, params }) => {
      const { poolid: id = "" } = params;
      check(cluster, who, `/pool/${id}`, ["Pool.Allocate"]);
      if (!cluster.pools.has(id)) throw failed(`delete pool failed: pool '${id}' does not exist`);
      const [ct] = [...cluster.cts.values()].filter((ct) => ct.pool === id);
      const [storage] = findPool(cluster, id).storages;
      const held = ct ? `VM ${ct.vmid}` : storage && `storage ${storage}`;
      if (held) throw failed(`delete pool failed: pool '${id}' is not empty (contains ${held})`);
      cluster.pools.delete(id);
      cluster.acls = cluster.acls.filter((acl) => acl.path !== `/pool/${id}`);
    },
  },
  {
    method: "GET",
    path: "/pools/{poolid}",
    right: { path: "/pool/{poolid}", privileges: ["Pool.Audit"] },
    params: { type: KIND },
    handle: ({ cluster, at }) => ({
      poolid: at["poolid"],
      ...poolView(cluster, at["poolid"] ?? ""),
    }),
  },
  {
    method: "PUT",
    path: "/pools",
    params: { poolid: { type: "string", format: "pve-poolid" }, ...CHANGE },
    handle: ({ cluster, who, params }) => {
      const { poolid = "", ...change } = params;
      check(cluster, who, `/pool/${poolid}`, ["Pool.Allocate"]);
      updatePool(cluster, poolid, change);
    },
  },
  {
    method: "PUT",
    path: "/pools/{poolid}",
    right: { path: "/pool/{poolid}", privileges: ["Pool.Allocate"] },
    params: CHANGE,
    handle: ({ cluster, at, params }) => updatePool(cluster, at["poolid"] ?? "", params),
  },
];

/** Adds members to a pool, or removes them. */
function updatePool(
  cluster: Cluster,
  id: string,
  params: Readonly<Record<string, string>>,
): void {
  const refused = (why: string) => failed(`update pools failed: ${why}`);
  const pool = cluster.pools.get(id);
  if (!pool) throw refused(`pool '${id}' does not exist`);
  const remove = params["delete"] === "1";
  for (const vmid of splitList(params["vms"])) {
    const ct = cluster.cts.get(Number(vmid));
    if (remove) {
      if (ct?.pool !== id) throw refused(`VM ${vmid} is not a pool member`);
      ct.pool = undefined;
      continue;
    }
    if (ct?.pool === id) throw refused(`VM ${vmid} is already a pool member`);
    if (ct?.pool !== undefined && params["allow-move"] !== "1") {
      throw refused(`VM ${vmid} belongs already to pool '${ct.pool}' and 'allow-move' is not set`);
    }
    // One that does not exist is accepted, too.
    if (ct) ct.pool = id;
  }
  for (const storage of splitList(params["storage"])) {
    if (remove) pool.storages.delete(storage);
    else pool.storages.add(storage);
  }
}

function findPool(cluster: Cluster, id: string): Pool {
  const pool = cluster.pools.get(id);
  if (!pool) throw failed(`pool '${id}' does not exist`);
  return pool;
}

function poolView(cluster: Cluster, id: string): Record<string, unknown> {
  const { comment, storages } = findPool(cluster, id);
  const guests = [...cluster.cts.values()].filter((ct) => ct.pool === id)
    .map((ct) => guestResource(cluster, ct))
    .map(({ pool: _pool, ...member }) => member);
  const stores = [...storages].map((storage) => ({
    id: `storage/${storage}`,
    type: "storage",
    storage,
  }));
  return { ...(comment === "" ? {} : { comment }), members: [...guests, ...stores] };
}
