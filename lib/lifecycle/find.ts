import type { Cluster } from "../connect/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { resources } from "../proxmox/cluster.ts";
import { type ContainerRow, list } from "./list.ts";

/** One container that was found by what the user typed. */
export interface Found {
  readonly vmid: number;
  readonly node: string;
  readonly hostname?: string;
}

/**
 * The container that is meant by a vmid or a hostname. All digits is always a vmid.
 *
 * @throws {PxrunError} NOT_FOUND for none or a VM, USAGE for several.
 */
export async function find(cluster: Cluster, ct: string, signal?: AbortSignal): Promise<Found> {
  return await findAmong(cluster, await list(cluster, { signal }), ct);
}

/** As {@linkcode find}, among what `list` gave. */
export async function findAmong(
  cluster: Cluster,
  rows: readonly ContainerRow[],
  ct: string,
): Promise<Found> {
  const byVmid = /^\d+$/.test(ct);
  const matches = rows.filter((row) => byVmid ? row.vmid === Number(ct) : row.hostname === ct);
  if (matches.length > 1) {
    const vmids = matches.map((row) => `${row.vmid} on ${row.node}`).join(", ");
    throw new PxrunError("USAGE", `${matches.length} containers are called ${ct}: ${vmids}`, {
      hint: "name the one you mean by its vmid",
    });
  }
  const match = matches[0];
  if (match === undefined) throw await notFound(cluster, ct, rows.flatMap((r) => r.hostname ?? []));
  const { vmid, node, hostname } = match;
  return { vmid, node, ...(hostname !== undefined && { hostname }) };
}

/** Says so when it is a VM, or when another name is close. */
async function notFound(
  cluster: Cluster,
  ct: string,
  names: readonly string[],
): Promise<PxrunError> {
  const vm = (await resources(cluster.rest, "vm")).find((guest) =>
    guest.type !== "lxc" && (String(guest.vmid) === ct || guest.name === ct)
  );
  if (vm) {
    const name = vm.name === undefined ? "" : ` (${vm.name})`;
    return new PxrunError("NOT_FOUND", `${vm.vmid}${name} is a virtual machine, not a container`, {
      hint: "pxrun leaves virtual machines alone; pxrun list shows the containers",
    });
  }
  const close = nearest(ct, names);
  return new PxrunError("NOT_FOUND", `there is no container ${ct} that this login may see`, {
    hint: close === undefined ? "pxrun list shows what there is" : `did you mean ${close}?`,
  });
}
