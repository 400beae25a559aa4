import type { Cluster } from "../../cluster/cluster.ts";
import { suggestion } from "../../core/nearest.ts";
import { endsRun } from "../../core/errors.ts";
import { NotFound } from "../../proxmox/http/errors.ts";
import { content } from "../../proxmox/api/nodes/storage.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import type { Recipe } from "../../recipe/schema/types.ts";
import type { PlanProblem } from "../../core/problem.ts";

/**
 * The problem of a hookscript that is not on the node. Where this login may not look, root on
 * the node will tell.
 */
export async function missingHookscript(
  cluster: Cluster,
  { container: { hookscript } }: Recipe,
  node: string,
  signal: AbortSignal | undefined,
): Promise<PlanProblem | undefined> {
  if (hookscript === undefined) return undefined;
  const [storage = ""] = hookscript.split(":", 1);
  const problem = {
    code: "NOT_FOUND",
    message: `there is no hookscript ${hookscript} on ${node}`,
    path: "container.hookscript",
  } as const;
  try {
    const snippets = await content(withSignal(cluster.rest, signal), node, storage, "snippets");
    const names = snippets.map(({ volid }) => volid);
    if (names.includes(hookscript)) return undefined;
    const put =
      `put it there and make it executable: pvesm path ${hookscript} on ${node} says where`;
    return {
      ...problem,
      hint: names.length > 0 ? suggestion(hookscript, names, "there are") : put,
    };
  } catch (error) {
    if (error instanceof NotFound) {
      return {
        ...problem,
        hint: `there is no storage ${storage}: pvesm status on ${node} lists them`,
      };
    }
    if (endsRun(error)) throw error;
    return undefined;
  }
}
