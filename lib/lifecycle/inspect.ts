import type { Cluster } from "../connect/cluster.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import * as access from "../proxmox/access.ts";
import { resources, tagPolicy } from "../proxmox/cluster.ts";
import * as nodesApi from "../proxmox/nodes.ts";
import * as aplinfo from "../proxmox/nodes_aplinfo.ts";
import * as storage from "../proxmox/nodes_storage.ts";
import * as pools from "../proxmox/pools.ts";
import * as version from "../proxmox/version.ts";
import { type Rest, withSignal } from "../proxmox/rest.ts";
import type { Recipe } from "../recipe/types.ts";
import { readLocalFiles } from "./local_files.ts";
import { readNames } from "./namesakes.ts";
import type { LocalTemplate, NodeFacts, Snapshot } from "./snapshot.ts";
import { lookAtTailnet } from "./tailnet/look.ts";
import { addressesInUse } from "./taken_address.ts";
import { claimVmid } from "./vmid.ts";

/**
 * Reads in parallel all that planning this recipe needs.
 *
 * @param shared What was read of the cluster already, for several recipes.
 * @param vmid The next free one, where that was chosen already.
 */
export async function inspect(
  cluster: Cluster,
  recipe: Recipe,
  signal?: AbortSignal,
  shared = inspectCluster(cluster, recipe.container.node, signal),
  vmid = claimVmid(cluster, new Set(), signal),
): Promise<Snapshot> {
  const rest = withSignal(cluster.rest, signal);
  const [facts, nextVmid, uses, localFiles, policy, tailnet] = await Promise.all([
    shared,
    vmid,
    shared.then(({ guests }) => addressesInUse(rest, recipe, guests)),
    readLocalFiles(recipe, cluster.world, signal),
    recipe.container.tags.length > 0 ? tagPolicy(rest) : undefined,
    lookAtTailnet(cluster, recipe, signal),
  ]);
  return { ...facts, nextVmid, addressesInUse: uses, localFiles, tagPolicy: policy, tailnet };
}

/** What the cluster is like, whatever the recipe. */
export type ClusterFacts = Omit<
  Snapshot,
  "nextVmid" | "addressesInUse" | "localFiles" | "tagPolicy" | "tailnet"
>;

/**
 * Reads in parallel what the cluster is like.
 *
 * @param only The node that alone matters, if one does.
 * @param onNodes Sees the nodes as soon as they are known, before what they offer.
 */
export async function inspectCluster(
  cluster: Cluster,
  only: string | undefined,
  signal: AbortSignal | undefined,
  onNodes?: (nodes: readonly nodesApi.Node[]) => void,
): Promise<ClusterFacts> {
  const rest = withSignal(cluster.rest, signal);
  const [release, nodes, names, guests, poolIds, permissions] = await Promise.all([
    version.get(rest).then((v) => v.release),
    inspectNodes(rest, only, onNodes),
    readNames(rest),
    resources(rest, "vm"),
    pools.list(rest),
    access.permissions(rest),
  ]);
  return {
    release,
    nodes,
    names,
    guests,
    pools: poolIds.map(({ poolid }) => poolid),
    permissions,
    tokenId: cluster.tokenId,
  };
}

/**
 * Every node with what it offers, or only the one that is asked for.
 *
 * @param only The node that alone matters; the others then stand there without their offers.
 */
export async function inspectNodes(
  rest: Rest,
  only: string | undefined,
  onNodes?: (nodes: readonly nodesApi.Node[]) => void,
): Promise<NodeFacts[]> {
  const nodes = await nodesApi.list(rest);
  onNodes?.(nodes);
  return await Promise.all(nodes.map(({ node, status, mem, maxmem }) => {
    const freeMemory = mem === undefined || maxmem === undefined ? undefined : maxmem - mem;
    const facts = { node, online: status === "online", freeMemory };
    const matters = facts.online && (only === undefined || only === node);
    return matters ? inspectNode(rest, facts) : { ...facts, ...nothing };
  }));
}

const nothing = { storages: [], bridges: [], templates: [], index: [] };

/** What one node offers. One that cannot be read takes part with the reason why. */
export async function inspectNode(
  rest: Rest,
  facts: Pick<NodeFacts, "node" | "online" | "freeMemory">,
): Promise<NodeFacts> {
  const { node } = facts;
  try {
    const [storages, bridges, index] = await Promise.all([
      storage.list(rest, node, { enabled: true }),
      nodesApi.network(rest, node, "any_bridge"),
      aplinfo.list(rest, node),
    ]);
    const templates = await Promise.all(
      storages
        .filter((s) => s.active && s.content.includes("vztmpl"))
        .map((s) => templatesOn(rest, node, s.storage)),
    );
    return {
      ...facts,
      storages: storages.map((s) => ({
        storage: s.storage,
        active: s.active,
        content: s.content,
        avail: s.avail ?? 0,
      })),
      bridges: bridges.map(({ iface }) => iface),
      vnets: bridges.filter(({ type }) => type === "vnet").map(({ iface }) => iface),
      templates: templates.flat(),
      index: index.map(({ template }) => template),
    };
  } catch (error) {
    // These two are about the run, and not about the node.
    const ends = error instanceof PxrunError &&
      ["UNAUTHORIZED", "INTERRUPTED"].includes(error.code);
    if (ends || !(error instanceof PxrunError)) throw error;
    return { ...facts, ...nothing, problem: messageOf(error) };
  }
}

async function templatesOn(
  rest: Rest,
  node: string,
  name: string,
): Promise<LocalTemplate[]> {
  const volumes = await storage.content(rest, node, name, "vztmpl");
  return volumes.map(({ volid }) => ({ volid, file: volid.slice(volid.indexOf("/") + 1) }));
}
