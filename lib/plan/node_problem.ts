import type { PlanProblem } from "../core/problem.ts";

/** A reason against one node, which other nodes may share. */
export interface NodeProblem extends Omit<PlanProblem, "message"> {
  /** The message about these nodes: "pve01", or "pve01, pve02" and `several`. */
  readonly says: (nodes: string, several: boolean) => string;
}

/** The most nodes that a message names. */
const NAMED = 3;

/** The problems of all nodes, each once with the nodes that it is about. */
export function gatherProblems(
  found: readonly { readonly node: string; readonly problems: readonly NodeProblem[] }[],
): PlanProblem[] {
  const each = found.flatMap(({ node, problems }) =>
    problems.map((problem) => ({ node, problem }))
  );
  const alike = Map.groupBy(
    each,
    ({ problem: { code, path, says } }) => JSON.stringify([code, path, says("", false)]),
  );
  return [...alike.values()].flatMap((group): PlanProblem[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { says, hint: _, ...problem } = first.problem;
    const nodes = group.map(({ node }) => node);
    const hint = sharedHint(group);
    const message = says(nodeNames(nodes), nodes.length > 1);
    return [{ ...problem, message, ...(hint !== undefined && { hint }) }];
  });
}

/** Hint of all of them; if they differ, each with its nodes. */
function sharedHint(
  group: readonly { readonly node: string; readonly problem: NodeProblem }[],
): string | undefined {
  const hints = Map.groupBy(group, ({ problem }) => problem.hint);
  if (hints.size === 1) return group[0]?.problem.hint;
  return [...hints].flatMap(([hint, those]) =>
    hint === undefined ? [] : [`${nodeNames(those.map(({ node }) => node))}: ${hint}`]
  ).slice(0, NAMED).join("; ");
}

function nodeNames(nodes: readonly string[]): string {
  const named = nodes.length > NAMED + 1 ? nodes.slice(0, NAMED) : nodes;
  const rest = nodes.length - named.length;
  return named.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
