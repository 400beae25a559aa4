import type { Cluster } from "../cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { findAmong, type Found, foundOf } from "./find.ts";
import { type ContainerRow, hiddenReasons, isOffline } from "./inventory.ts";
import { list } from "./list.ts";

/** Which containers a command is about: those that are named, or those that have something in common. */
export interface Selection {
  /** vmids or hostnames. */
  readonly containers: readonly string[];
  readonly node?: string | undefined;
  readonly status?: string | undefined;
  /** Every one of them must be there. */
  readonly tags?: readonly string[] | undefined;
}

/**
 * The containers that are meant, each once.
 *
 * @throws {PxrunError} USAGE when nothing is said, or both names and what they have in common;
 * NOT_FOUND when there is none such; UNREACHABLE when it cannot be said which ones there are.
 */
export async function select(
  cluster: Cluster,
  { containers, node, status, tags = [] }: Selection,
  signal?: AbortSignal,
): Promise<Found[]> {
  const common = node !== undefined || status !== undefined || tags.length > 0;
  if (common === containers.length > 0) {
    const what = common
      ? "containers are both named and selected by what they have in common"
      : "nothing says which containers are meant";
    throw new PxrunError("USAGE", what, {
      hint: "either name them by vmid or hostname, or select them: --tag, --node, --status",
    });
  }
  const rows = await list(cluster, { node, tags, signal });
  const found = common
    ? withStatus(rows, status).map(foundOf)
    : await Promise.all(containers.map((name) => findAmong(cluster, rows, name, signal)));
  if (found.length === 0) {
    const wish = [
      ...tags.map((tag) => `the tag ${tag}`),
      ...(status === undefined ? [] : [`the status ${status}`]),
      ...(node === undefined ? [] : [`a place on ${node}`]),
    ];
    throw new PxrunError("NOT_FOUND", `no container with ${wish.join(" and ")}`, {
      remedies: [{ kind: "list" }],
    });
  }
  return [...new Map(found.map((one) => [one.vmid, one])).values()];
}

/** Those in one state. What runs on a node that does not answer cannot be left out silently. */
function withStatus(
  rows: readonly ContainerRow[],
  status: string | undefined,
): readonly ContainerRow[] {
  const hidden = rows.filter((row) => row.problem !== undefined && !isOffline(row));
  if (hidden.length > 0) {
    throw new PxrunError("UNREACHABLE", hiddenReasons(hidden).join("; "), {
      hint: "name the containers, or leave that node out: --node NODE",
    });
  }
  return status === undefined ? rows : rows.filter((row) => row.status === status);
}
