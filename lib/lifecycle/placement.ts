import { suggestion } from "../core/nearest.ts";
import type { Recipe } from "../recipe/types.ts";
import { gatherProblems, type NodeProblem } from "./node_problem.ts";
import type { PlanProblem } from "./problem.ts";
import type { NodeFacts, Snapshot } from "./snapshot.ts";
import { pickStorage, rootStorages } from "./storage.ts";
import { aliases, resolveTemplate, type TemplateChoice } from "./template.ts";

/** Where a container goes, and with what. */
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
  | { readonly placement: Placement; readonly problems: readonly [] }
  | { readonly placement?: undefined; readonly problems: readonly PlanProblem[] };

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
    .map((node) => ({ node, fit: fit(recipe, node) }));
  const fitting = candidates.filter(({ fit }) => fit.placement !== undefined);
  const best = fitting.toSorted((a, b) => byFreedom(a.node, b.node, recipe))[0];
  if (best?.fit.placement) return { placement: best.fit.placement, problems: [] };
  return {
    problems: gatherProblems(
      candidates.map(({ node, fit }) => ({ node: node.node, problems: fit.problems })),
    ),
  };
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

/** What one node makes of a recipe. */
interface Fit {
  readonly placement?: Placement;
  readonly problems: readonly NodeProblem[];
}

function fit(recipe: Recipe, node: NodeFacts): Fit {
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
  const storage = pickStorage(recipe, node, problems);
  const bridges = pickBridges(recipe, node, problems);
  const template = pickTemplate(recipe, node, problems);
  if (storage === undefined || template === undefined || problems.length > 0) return { problems };
  return { placement: { node: node.node, storage, bridges, template }, problems: [] };
}

function pickBridges(recipe: Recipe, node: NodeFacts, problems: NodeProblem[]): string[] {
  const first = node.bridges.includes("vmbr0") ? "vmbr0" : node.bridges[0];
  return recipe.container.network.flatMap((net, index) => {
    const bridge = net.bridge ?? first;
    if (bridge !== undefined && node.bridges.includes(bridge)) return [bridge];
    const what = bridge === undefined ? "bridge that this token may use" : `bridge ${bridge}`;
    const hint = node.bridges.length === 0
      ? "the token may lack SDN.Use on /sdn/zones/localnetwork"
      : suggestion(bridge ?? "", node.bridges, "there are");
    problems.push({
      code: "NOT_FOUND",
      says: (nodes) => `there is no ${what} on ${nodes}`,
      hint,
      path: `container.network[${index}].bridge`,
    });
    return [];
  });
}

function pickTemplate(
  recipe: Recipe,
  node: NodeFacts,
  problems: NodeProblem[],
): TemplateChoice | undefined {
  const wish = recipe.container.template;
  const choice = resolveTemplate(wish, node);
  if (choice === undefined) {
    const known = aliases([...node.templates.map((t) => t.file), ...node.index]);
    problems.push({
      code: "NOT_FOUND",
      says: (nodes) => `there is no template ${wish} on ${nodes}, nor in the index`,
      hint: known.length === 0
        ? `run \`pveam update\` on ${node.node}`
        : suggestion(wish, known, "there are"),
      path: "container.template",
    });
  }
  return choice;
}
