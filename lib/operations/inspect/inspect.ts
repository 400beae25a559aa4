import type { Cluster } from "../../cluster/cluster.ts";
import { endsRun, messageOf } from "../../core/errors.ts";
import * as access from "../../proxmox/api/access.ts";
import { resources, tagPolicy } from "../../proxmox/api/cluster.ts";
import * as nodesApi from "../../proxmox/api/nodes/nodes.ts";
import * as aplinfo from "../../proxmox/api/nodes/aplinfo.ts";
import * as storage from "../../proxmox/api/nodes/storage.ts";
import * as pools from "../../proxmox/api/pools.ts";
import * as version from "../../proxmox/api/version.ts";
import { type Rest, withSignal } from "../../proxmox/http/rest.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import { readForPlan } from "./local_files.ts";
import { readNames } from "../../cluster/guests/names.ts";
import type {
  LocalTemplate,
  NodeFacts,
  Snapshot,
  StorageFacts,
  Unread,
} from "../../plan/snapshot.ts";
import { lookAtTailnet } from "./tailnet.ts";
import { addressesInUse } from "../../plan/taken_address.ts";
import { architectureIn, USUAL } from "../../plan/template.ts";
import { claimVmid } from "../../cluster/vmid.ts";

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
  const [facts, nextVmid, used, localFiles, policy, tailnet] = await Promise.all([
    shared,
    vmid,
    shared.then(({ names }) => addressesInUse(cluster, recipe, names, signal)),
    readForPlan(recipe, cluster.platform, signal),
    recipe.container.tags.length > 0 ? tagPolicy(rest) : undefined,
    lookAtTailnet(cluster, recipe, signal),
  ]);
  return {
    ...facts,
    nextVmid,
    addressesInUse: used.uses,
    addressesUnread: used.unread,
    localFiles,
    tagPolicy: policy,
    tailnet,
  };
}

/** Inspection of the cluster, whatever the recipe. */
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
  return await Promise.all(nodes.map(({ node, status, mem, maxmem, maxcpu: cpus }) => {
    const freeMemory = mem === undefined || maxmem === undefined ? undefined : maxmem - mem;
    const facts = { node, online: status === "online", freeMemory, cpus };
    const matters = facts.online && (only === undefined || only === node);
    return matters ? inspectNode(rest, facts) : { ...facts, ...nothing };
  }));
}

const nothing = { storages: [], bridges: [], templates: [], index: [] };

/**
 * Inspection of one node. One that cannot be read takes part with the reason why, and so does a
 * storage whose templates cannot be listed.
 */
export async function inspectNode(
  rest: Rest,
  facts: Pick<NodeFacts, "node" | "online" | "freeMemory" | "cpus">,
): Promise<NodeFacts> {
  const { node } = facts;
  const unread: Unread[] = [];
  try {
    const [storages, bridges, index] = await Promise.all([
      storage.list(rest, node, { enabled: true }),
      nodesApi.network(rest, node, "any_bridge"),
      orUnread(aplinfo.list(rest, node), unread),
    ]);
    const templates = (await Promise.all(
      storages
        .filter((s) => s.active && s.content.includes("vztmpl"))
        .map((s) => orUnread(templatesOn(rest, node, s.storage), unread, s.storage)),
    )).flat();
    const architectures = Object.fromEntries(
      index.flatMap(({ template, architecture }) =>
        architecture === undefined || architectureIn(template) !== undefined
          ? []
          : [[template, architecture]]
      ),
    );
    const files = [...templates.map(({ file }) => file), ...index.map(({ template }) => template)];
    const foreign = files.some((file) =>
      ![undefined, USUAL, "all"].includes(architectureIn(file) ?? architectures[file])
    );
    return {
      ...facts,
      storages: storages.map(storageFacts),
      bridges: bridges.map(({ iface }) => iface),
      vnets: bridges.filter(({ type }) => type === "vnet").map(({ iface }) => iface),
      templates,
      index: index.map(({ template }) => template),
      unread,
      architectures,
      // It matters only where there is a choice.
      ...(foreign && { architecture: await architectureOf(rest, node) }),
    };
  } catch (error) {
    return { ...facts, ...nothing, problem: reasonOf(error) };
  }
}

/** The reason why something cannot be read; what is about the run, and not about the node, is thrown. */
function reasonOf(error: unknown): string {
  if (endsRun(error)) throw error;
  return messageOf(error);
}

/** A list, or nothing and the reason why it cannot be read. */
async function orUnread<T>(
  list: Promise<readonly T[]>,
  unread: Unread[],
  storage?: string,
): Promise<readonly T[]> {
  try {
    return await list;
  } catch (error) {
    unread.push({ ...(storage !== undefined && { storage }), reason: reasonOf(error) });
    return [];
  }
}

/** The kernel's words for it; undefined without Sys.Audit. */
async function architectureOf(rest: Rest, node: string): Promise<string | undefined> {
  const { machine } = await nodesApi.status(rest, node).catch((error) => {
    reasonOf(error);
    return { machine: undefined };
  });
  return machine === undefined ? undefined : MACHINES[machine] ?? machine;
}

const MACHINES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

function storageFacts({ storage, type, active, content, avail }: storage.Storage): StorageFacts {
  return {
    storage,
    active,
    content,
    avail: Math.max(avail ?? 0, 0),
    // Files are sparse; thin LVM, ZFS, Ceph and what others make give room when it is used.
    thick: type === "lvm" && avail !== undefined,
    full: avail !== undefined && avail <= 0,
  };
}

async function templatesOn(
  rest: Rest,
  node: string,
  name: string,
): Promise<LocalTemplate[]> {
  const volumes = await storage.content(rest, node, name, "vztmpl");
  return volumes.map(({ volid }) => ({ volid, file: volid.slice(volid.indexOf("/") + 1) }));
}
