import { assertWrites, type Cluster } from "../../cluster/cluster.ts";
import * as lxc from "../../proxmox/api/nodes/lxc.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import { find, type Found } from "../../cluster/guests/find.ts";
import { readRun } from "../../cluster/guests/marker.ts";
import type { ContainerAction } from "../../actions/table.ts";
import { PlanRejected } from "../../plan/problem.ts";
import type { PlanProblem } from "../../core/problem.ts";
import { OtherGuest } from "../../cluster/changes/same_guest.ts";
import { findTailnetNode } from "../inspect/find_node.ts";

/**
 * Leftovers that may be removed.
 *
 * @category Plans
 */
export interface DestroyOptions {
  /** Lift the protection of a protected container first. */
  readonly force?: boolean | undefined;
  /** Also from backup jobs, replication and high availability. */
  readonly purge?: boolean | undefined;
  /** True to leave its node in the tailnet (default: it is removed where an API key is known). */
  readonly keepTailscaleNode?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything that a destroy will do; nothing in it was done yet.
 *
 * @category Plans
 */
export interface DestroyPlan extends Found {
  readonly running: boolean;
  /** It is a template: what was cloned from it may need its disks. */
  readonly template?: true;
  readonly protected: boolean;
  readonly purge: boolean;
  /** The state of its configuration when it was looked at. */
  readonly digest: string;
  /** The id of the run that makes it, where that has not finished. */
  readonly run?: string;
  /** In the order in which they are carried out. */
  readonly actions: readonly ContainerAction[];
  /** Nodes of a tailnet that may be its own, and stay: they are among the warnings. */
  readonly leaves: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Looks at the container that is meant and says how it would be removed.
 *
 * @param cluster Where.
 * @param ct A vmid or a hostname, or a container that was found already.
 * @param options What may be removed.
 * @returns What `destroy` takes.
 * @throws {PlanRejected} When it is protected, locked or managed by HA, all at once.
 * @throws {PxrunError} NOT_FOUND when there is none, USAGE when there are several.
 *
 * @example A name that nothing has
 * ```ts
 * import { connect, denoPlatform, planDestroy } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * await assert.rejects(planDestroy(cluster, "nosuch"), { code: "NOT_FOUND" });
 * ```
 *
 * @category Plans
 */
export async function planDestroy(
  cluster: Cluster,
  ct: string | number | Found,
  options: DestroyOptions = {},
): Promise<DestroyPlan> {
  assertWrites(cluster, "destroy a container");
  const { force = false, purge = false, keepTailscaleNode = false, signal } = options;
  const found = typeof ct === "object" ? ct : await find(cluster, String(ct), signal);
  const { vmid, node } = found;
  const rest = withSignal(cluster.rest, signal);
  const [config, current] = await Promise.all([
    lxc.config(rest, node, vmid),
    lxc.current(rest, node, vmid),
  ]);
  const problems: PlanProblem[] = [];
  if (config.protection && !force) {
    problems.push({
      code: "FAILED",
      message: `container ${vmid} is protected`,
      remedies: [{ kind: "force" }],
    });
  }
  if (config.lock !== undefined) {
    problems.push({
      code: "LOCKED",
      message: `container ${vmid} is locked (${config.lock})`,
      hint: `wait for what holds it; if nothing does: pct unlock ${vmid} on ${node}`,
    });
  }
  if (current.haManaged && !purge) {
    problems.push({
      code: "FAILED",
      message: `container ${vmid} is managed by high availability`,
      remedies: [{ kind: "purge" }],
    });
  }
  const { hostname } = config;
  if (found.hostname !== undefined && hostname !== found.hostname) {
    throw new OtherGuest(found, config);
  }
  if (problems.length > 0) throw new PlanRejected(`destroy ${hostname ?? vmid}`, problems);
  const running = current.status === "running";
  const template = config.template && { template: true as const };
  const run = readRun(config.description);
  const unfinished = run === undefined
    ? []
    : [`its create was not finished: process ${run.pid} on ${run.host} may be at it`];
  const inTailnet = keepTailscaleNode
    ? { warnings: [] }
    : await findTailnetNode(cluster, { vmid, node, hostname, running, config }, signal);
  return {
    vmid,
    node,
    ...(hostname !== undefined && { hostname }),
    running,
    ...template,
    protected: config.protection,
    purge,
    digest: config.digest,
    ...(run && { run: run.id }),
    actions: [
      ...config.protection
        ? [{ kind: "unprotect-container", id: "unprotect", node, vmid } as const]
        : [],
      {
        kind: "destroy-container",
        id: "destroy",
        node,
        vmid,
        template: config.template,
        force: running,
        purge,
      },
      ...inTailnet.node === undefined ? [] : [
        {
          kind: "remove-tailnet-node",
          id: "tailscale",
          device: inTailnet.node.id,
          name: inTailnet.node.name,
        } as const,
      ],
    ],
    leaves: inTailnet.warnings,
    warnings: [...unfinished, ...inTailnet.warnings],
  };
}

/**
 * The same plan, but what the container has in a tailnet stays.
 *
 * @param plan As `planDestroy` made it.
 * @returns What `destroy` takes.
 *
 * @example Leave the node where it is
 * ```ts
 * import { type DestroyPlan, withoutTailnetNode } from "@pxrun/pxrun";
 *
 * const keepNode = (plan: DestroyPlan): DestroyPlan => withoutTailnetNode(plan);
 * ```
 *
 * @category Plans
 */
export function withoutTailnetNode(plan: DestroyPlan): DestroyPlan {
  return { ...plan, actions: plan.actions.filter(({ kind }) => kind !== "remove-tailnet-node") };
}

/** The node of a tailnet that a plan removes, if it does. */
export function tailnetNodeOf({ actions }: DestroyPlan): string | undefined {
  return actions.find((one) => one.kind === "remove-tailnet-node")?.name;
}
