import { suggestion } from "../core/nearest.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import { gatherProblems, type NodeProblem } from "./node_problem.ts";
import type { PlanProblem } from "../core/problem.ts";
import { holds } from "../cluster/rights.ts";
import type { NodeFacts, Snapshot } from "./snapshot.ts";
import type { Permissions } from "../cluster/rights.ts";
import { pickStorage, rootStorages } from "./storage.ts";
import {
  aliases,
  resolveTemplate,
  type TemplateChoice,
  templateKinds,
  templateStorage,
} from "./template.ts";

/** Node, storage, bridges and template of a container. */
export interface Placement {
  readonly node: string;
  /** Of the root file system. */
  readonly storage: string;
  /** One for each interface, in order. */
  readonly bridges: readonly string[];
  readonly template: TemplateChoice;
}

/** A place, or why there is none. */
export type Placed =
  | {
    readonly placement: Placement;
    /** Notes about it. */
    readonly warnings: readonly string[];
    readonly problems: readonly [];
  }
  | {
    readonly placement?: undefined;
    readonly warnings?: undefined;
    readonly problems: readonly PlanProblem[];
  };

/**
 * The freest node that has the template (or can download it), a storage for
 * containers with room, and the bridges. A recipe that names its node gets that one or none.
 */
export function place(recipe: Recipe, snapshot: Snapshot): Placed {
  const wanted = recipe.container.node;
  if (wanted !== undefined && !snapshot.nodes.some((n) => n.node === wanted)) {
    const names = snapshot.nodes.map((n) => n.node);
    return {
      problems: [{
        code: "NOT_FOUND",
        message: `there is no node ${wanted}`,
        hint: names.length === 0
          ? "the cluster has no node that this login may see"
          : suggestion(wanted, names, "the cluster has"),
        path: "container.node",
      }],
    };
  }
  const candidates = snapshot.nodes
    .filter((n) => wanted === undefined || n.node === wanted)
    .map((node) => ({ node, fit: fit(recipe, node, snapshot.permissions) }));
  const fitting = candidates.filter(({ fit }) => fit.placement !== undefined);
  const tight = ({ fit }: { readonly fit: Fit }): number => Number(fit.tight ?? false);
  const best = fitting
    .toSorted((a, b) => tight(a) - tight(b) || byFreedom(a.node, b.node, recipe))[0];
  if (best?.fit.placement) {
    const { placement, warnings = [] } = best.fit;
    return { placement, warnings: [...warnings, ...leftOut(snapshot.nodes)], problems: [] };
  }
  return {
    problems: gatherProblems(
      candidates.map(({ node, fit }) => ({ node: node.node, problems: fit.problems })),
    ),
  };
}

/** Nodes that were no candidates since nothing is known of them. */
function leftOut(nodes: readonly NodeFacts[]): string[] {
  return nodes.flatMap(({ node, problem }) =>
    problem === undefined ? [] : [`node ${node} was left out: ${problem}`]
  );
}

/** Most free memory first; without the right to see it, most room. Names break ties. */
function byFreedom(a: NodeFacts, b: NodeFacts, recipe: Recipe): number {
  const local = Number(isLocal(recipe, b)) - Number(isLocal(recipe, a));
  if (local !== 0) return local;
  const memory = (b.freeMemory ?? 0) - (a.freeMemory ?? 0);
  return memory || room(b) - room(a) || a.node.localeCompare(b.node);
}

function isLocal(recipe: Recipe, node: NodeFacts): boolean {
  return resolveTemplate(recipe.container.template, node)?.download === undefined;
}

function room(node: NodeFacts): number {
  return Math.max(0, ...rootStorages(node).map((s) => s.avail));
}

/** Verdict of one node about a recipe. */
interface Fit {
  readonly placement?: Placement;
  /** A storage has less room than the container may fill. */
  readonly tight?: boolean;
  readonly warnings?: readonly string[];
  readonly problems: readonly NodeProblem[];
}

function fit(recipe: Recipe, node: NodeFacts, permissions: Permissions): Fit {
  if (!node.online || node.problem !== undefined) {
    const state = node.online ? `not readable: ${node.problem}` : "offline";
    return {
      problems: [{
        code: "UNREACHABLE",
        says: (nodes, several) =>
          `node${several ? "s" : ""} ${nodes} ${several ? "are" : "is"} ${state}`,
        hint: "bring it back, or name another with --node",
        path: "container.node",
      }],
    };
  }
  const problems: NodeProblem[] = [];
  const chosen = pickStorage(recipe, node, permissions, problems);
  const bridges = pickBridges(recipe, node, permissions, problems);
  const template = pickTemplate(recipe, node, problems);
  if (chosen === undefined || template === undefined || problems.length > 0) return { problems };
  const { storage, warnings } = chosen;
  return {
    placement: { node: node.node, storage, bridges, template },
    tight: warnings.length > 0,
    warnings: [...warnings, ...unreadWarnings(node)],
    problems: [],
  };
}

function unreadWarnings({ node, unread = [] }: NodeFacts): string[] {
  return unread.map(({ storage, reason }) =>
    `the templates ${storage === undefined ? "that can be downloaded" : `of ${storage}`} on ` +
    `${node} cannot be listed: ${reason}`
  );
}

function pickBridges(
  recipe: Recipe,
  node: NodeFacts,
  permissions: Permissions,
  problems: NodeProblem[],
): string[] {
  const first = node.bridges.includes("vmbr0") ? "vmbr0" : node.bridges[0];
  return recipe.container.network.flatMap((net, index) => {
    const bridge = net.bridge ?? first;
    if (bridge !== undefined && node.bridges.includes(bridge)) return [bridge];
    // Who may use one VLAN of a bridge alone may not see the bridge on every version.
    const tag = `/sdn/zones/localnetwork/${bridge}/${net.vlan}`;
    if (bridge !== undefined && permissions[tag]?.["SDN.Use"] !== undefined) return [bridge];
    const what = bridge === undefined ? "bridge that this token may use" : `bridge ${bridge}`;
    problems.push({
      code: "NOT_FOUND",
      says: (nodes) => `there is no ${what} on ${nodes}`,
      hint: bridgeHint(bridge, node, permissions),
      path: `container.network[${index}].bridge`,
    });
    return [];
  });
}

function bridgeHint(
  refused: string | undefined,
  node: NodeFacts,
  permissions: Permissions,
): string {
  if (node.bridges.length > 0) return suggestion(refused ?? "", node.bridges, "there are");
  return holds(permissions, "/sdn/zones/localnetwork", "SDN.Use")
    ? `make one: System > Network of ${node.node}`
    : "the token may lack SDN.Use on /sdn/zones/localnetwork";
}

function pickTemplate(
  recipe: Recipe,
  node: NodeFacts,
  problems: NodeProblem[],
): TemplateChoice | undefined {
  const wish = recipe.container.template;
  const choice = resolveTemplate(wish, node);
  if (choice === undefined) problems.push(...templateProblems(wish, node));
  return choice;
}

/** Reason why a template means nothing on a node. */
function templateProblems(wish: string, node: NodeFacts): NodeProblem[] {
  const path = "container.template";
  const { unread = [], index, templates } = node;
  const [wanted] = wish.split(":", 1);
  const hidden = unread.find(({ storage }) => wish.includes(":") && storage === wanted);
  if (hidden !== undefined) {
    return [{
      code: "UNREACHABLE",
      says: (nodes) => `cannot look for ${wish} on ${nodes}: ${hidden.reason}`,
      hint: `see why: pvesm list ${hidden.storage} on ${node.node}; or name another template`,
      path,
    }];
  }
  const kinds = templateKinds(wish, node);
  if (kinds.length > 1) {
    return [{
      code: "USAGE",
      says: (nodes) => `template ${wish} may mean several on ${nodes}: ${kinds.join(", ")}`,
      hint: `choose one: ${kinds.map((kind) => `${wish}-${kind}`).join(", ")}`,
      path,
    }];
  }
  // Neither what was refused nor what would be refused next.
  const known = aliases([...templates.map(({ file }) => file), ...index])
    .filter((alias) => alias !== wish && resolveTemplate(alias, node) !== undefined);
  const others = known.length === 0 ? [] : [suggestion(wish, known, "there are")];
  if (kinds.length === 1 && templateStorage(node) === undefined) {
    const why = `no storage of ${node.node} that this login may use takes templates`;
    return [{
      code: "NOT_FOUND",
      says: (nodes) => `template ${wish} cannot be downloaded on ${nodes}`,
      hint: [`${why}: on a node, \`pvesm set local --content vztmpl,iso,backup\``, ...others]
        .join("; "),
      path,
    }];
  }
  const failed = unread.map(({ storage = "the index", reason }) => `${storage}: ${reason}`);
  const update = `\`pveam update\` on ${node.node} fills it`;
  const empty = index.length === 0 && failed.length === 0;
  return [{
    code: "NOT_FOUND",
    says: (nodes, several) =>
      empty
        ? `there is no template ${wish} on ${nodes}, and ${
          several ? "their indexes are" : "its index is"
        } empty`
        : `there is no template ${wish} on ${nodes}, nor in the index`,
    hint: [
      ...failed.map((text) => `not everything could be looked through: ${text}`),
      ...(empty ? [update] : []),
      ...others,
    ].join("; ") || `run \`pveam update\` on ${node.node}`,
    path,
  }];
}
