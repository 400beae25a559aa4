import type { Recipe } from "../recipe/types.ts";
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
    const names = snapshot.nodes.map((n) => n.node).join(", ");
    return {
      problems: [{
        code: "NOT_FOUND",
        message: `there is no node ${wanted}`,
        hint: `the cluster has ${names || "no node that this login may see"}`,
        path: "container.node",
      }],
    };
  }
  const candidates = snapshot.nodes
    .filter((n) => wanted === undefined || n.node === wanted)
    .map((node) => ({ node, fit: fit(recipe, node) }));
  const fitting = candidates.filter(({ fit }) => fit.placement !== undefined);
  const best = fitting.toSorted((a, b) => byFreedom(a.node, b.node, recipe))[0];
  if (best) return best.fit;
  const several = candidates.length > 1;
  return {
    problems: candidates.flatMap(({ node, fit }) =>
      fit.problems.map((problem) =>
        several ? { ...problem, message: `${node.node}: ${problem.message}` } : problem
      )
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

function fit(recipe: Recipe, node: NodeFacts): Placed {
  if (!node.online || node.problem !== undefined) {
    return {
      problems: [{
        code: "UNREACHABLE",
        message: `node ${node.node} is ${
          node.online ? `not readable: ${node.problem}` : "offline"
        }`,
        hint: "bring it back, or name another with --node",
        path: "container.node",
      }],
    };
  }
  const problems: PlanProblem[] = [];
  const storage = pickStorage(recipe, node, problems);
  const bridges = pickBridges(recipe, node, problems);
  const template = pickTemplate(recipe, node, problems);
  if (storage === undefined || template === undefined || problems.length > 0) return { problems };
  return { placement: { node: node.node, storage, bridges, template }, problems: [] };
}

function pickBridges(recipe: Recipe, node: NodeFacts, problems: PlanProblem[]): string[] {
  const first = node.bridges.includes("vmbr0") ? "vmbr0" : node.bridges[0];
  return recipe.container.network.flatMap((net, index) => {
    const bridge = net.bridge ?? first;
    if (bridge !== undefined && node.bridges.includes(bridge)) return [bridge];
    const message = bridge === undefined
      ? `${node.node} has no bridge that this token may use`
      : `there is no bridge ${bridge} on ${node.node}`;
    const hint = node.bridges.length === 0
      ? "the token may lack SDN.Use on /sdn/zones/localnetwork"
      : `it has ${node.bridges.join(", ")}`;
    problems.push({
      code: "NOT_FOUND",
      message,
      hint,
      path: `container.network[${index}].bridge`,
    });
    return [];
  });
}

function pickTemplate(
  recipe: Recipe,
  node: NodeFacts,
  problems: PlanProblem[],
): TemplateChoice | undefined {
  const wish = recipe.container.template;
  const choice = resolveTemplate(wish, node);
  if (choice === undefined) {
    const known = aliases([...node.templates.map((t) => t.file), ...node.index]);
    problems.push({
      code: "NOT_FOUND",
      message: `no template ${wish} on ${node.node}, nor in its index`,
      hint: known.length > 0
        ? `there are ${known.join(", ")}`
        : `run \`pveam update\` on ${node.node}`,
      path: "container.template",
    });
  }
  return choice;
}
