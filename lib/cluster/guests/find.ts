import type { Cluster } from "../cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { resources } from "../../proxmox/api/cluster.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import { type ContainerRow, hiddenReasons, isHidden, standIn } from "./inventory.ts";
import { list } from "./list.ts";

/**
 * One container that was found by what the user typed.
 *
 * @category Containers
 */
export interface Found {
  readonly vmid: number;
  readonly node: string;
  readonly hostname?: string;
}

/** Number of VMIDs that a hint lists. */
const LISTED = 10;

/**
 * The container that is meant by a vmid or a hostname, as it is now. All digits is always a vmid.
 *
 * @throws {PxrunError} NOT_FOUND for none or a VM, USAGE for several, UNREACHABLE for a name that a
 * container may have whose node cannot be asked.
 */
export async function find(cluster: Cluster, ct: string, signal?: AbortSignal): Promise<Found> {
  return await findAmong(cluster, await list(cluster, { signal }), ct, signal);
}

/** As {@linkcode find}, among what `list` gave. */
export async function findAmong(
  cluster: Cluster,
  rows: readonly ContainerRow[],
  ct: string,
  signal?: AbortSignal,
): Promise<Found> {
  if (ct.trim() === "") {
    throw new PxrunError("USAGE", "the name of a container is empty", {
      hint: "name it by its vmid or hostname",
      remedies: [{ kind: "list" }],
    });
  }
  const byVmid = /^\d+$/.test(ct);
  const matches = rows.filter((row) => byVmid ? row.vmid === Number(ct) : row.hostname === ct);
  if (matches.length > 1) {
    const vmids = matches.map((row) => `${row.vmid} on ${row.node}`).join(", ");
    throw new PxrunError("USAGE", `${matches.length} containers are called ${ct}: ${vmids}`, {
      hint: "name the one you mean by its vmid",
    });
  }
  const match = matches[0];
  if (match === undefined) {
    const hidden = byVmid ? [] : rows.filter(isHidden);
    throw hidden.length > 0 ? mayBeHidden(ct, hidden) : await notFound(cluster, ct, rows, signal);
  }
  return foundOf(match);
}

/** Match of a row. */
export function foundOf({ vmid, node, hostname }: ContainerRow): Found {
  return { vmid, node, ...(hostname !== undefined && { hostname }) };
}

/** It cannot be said that there is none while some are known by number only. */
function mayBeHidden(ct: string, hidden: readonly ContainerRow[]): PxrunError {
  const vmids = hidden.slice(0, LISTED).map(({ vmid }) => vmid).join(", ");
  const more = hidden.length > LISTED ? " …" : "";
  const why = hiddenReasons(hidden).join("; ");
  return new PxrunError("UNREACHABLE", `container ${ct} not found; ${why}`, {
    hint: `if it is there, name it by its vmid: ${vmids}${more}`,
  });
}

/** Says so when it is a VM, or when another name is close. */
async function notFound(
  cluster: Cluster,
  ct: string,
  rows: readonly ContainerRow[],
  signal: AbortSignal | undefined,
): Promise<PxrunError> {
  const vm = (await resources(withSignal(cluster.rest, signal), "vm")).find((guest) =>
    guest.type !== "lxc" && (String(guest.vmid) === ct || guest.name === ct)
  );
  if (vm) {
    const name = vm.name === undefined ? "" : ` (${vm.name})`;
    return new PxrunError("NOT_FOUND", `${vm.vmid}${name} is a virtual machine, not a container`, {
      hint: "virtual machines are left alone",
      remedies: [{ kind: "list" }],
    });
  }
  const nameless = rows.find(({ vmid, hostname }) => !hostname && standIn(vmid) === ct);
  const close = nearest(ct, rows.flatMap(({ hostname }) => hostname ?? []));
  return new PxrunError("NOT_FOUND", `container ${ct} not found (or not visible to this login)`, {
    hint: nameless !== undefined
      ? `container ${nameless.vmid} has no hostname: name it by its vmid`
      : close && `did you mean ${close}?`,
    remedies: nameless === undefined && close === undefined ? [{ kind: "list" }] : [],
  });
}
