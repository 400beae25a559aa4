import type { PlanProblem } from "../core/problem.ts";
import type { Recipe } from "../recipe/schema/types.ts";

/** Facts about a tailnet before a container joins it. */
export interface TailnetFacts {
  /** Source of the key to join with; undefined if there is none. */
  readonly key: "given" | "made" | undefined;
  /** Names of the existing nodes; empty if they may not be listed. */
  readonly names: readonly string[];
  /** Reason why the tailnet cannot be asked, where that failed. */
  readonly problem?: PlanProblem | undefined;
}

/** Reason why a container could not join. Pure. */
export function tailnetProblems(facts: TailnetFacts | undefined): PlanProblem[] {
  const path = "provisioning.tailscale";
  if (facts?.problem) return [{ ...facts.problem, path }];
  if (facts === undefined || facts.key !== undefined) return [];
  return [{
    code: "USAGE",
    message: "there is no key to join the tailnet with",
    hint:
      "set TAILSCALE_AUTH_KEY, or TAILSCALE_API_KEY to have one made; docs/tailscale.md tells " +
      "all ways",
    path,
  }];
}

/** Warnings before a container joins. Pure. */
export function tailnetWarnings(
  { container, provisioning: { tailscale } }: Recipe,
  facts: TailnetFacts | undefined,
): string[] {
  if (tailscale === undefined || facts === undefined) return [];
  const name = tailscale.hostname ?? container.hostname;
  return [
    ...facts.names.includes(name)
      ? [`the tailnet has a node ${name} already: this one will be ${name}-1 or the like there`]
      : [],
    ...tailscale.ephemeral && facts.key === "given"
      ? ["tailscale.ephemeral is a matter of the key: this one must have been made as ephemeral"]
      : [],
  ];
}
