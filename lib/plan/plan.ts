import { suggestion } from "../core/nearest.ts";
import type { PlanProblem } from "../core/problem.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import { createActions } from "./create_actions.ts";
import type { CreatePlan, NodeBySsh, PlanOptions } from "./create_plan.ts";
import { checkHost } from "./host_checks.ts";
import { chooseMarker } from "../cluster/guests/marker.ts";
import { nameProblems } from "./namesakes.ts";
import { withNeeds } from "./needs.ts";
import { createParameters } from "./parameters.ts";
import { holds } from "../cluster/rights.ts";
import { place } from "./placement.ts";
import { planWarnings, twinOf } from "./plan_warnings.ts";
import { PlanRejected } from "./problem.ts";
import { buildSteps } from "../provision/build.ts";
import type { Step } from "../provision/step.ts";
import { missingRights } from "./rights.ts";
import type { Snapshot } from "./snapshot.ts";
import { stepInputs } from "./step_inputs.ts";
import { tailnetProblems } from "./tailnet.ts";
import { takenAddresses } from "./taken_address.ts";

/**
 * Turns a wish and the state of the cluster into what will be done. Pure.
 *
 * @param bySsh What SSH to the node showed, where it is needed.
 * @throws {PlanRejected} with every reason at once.
 */
export async function planCreate(
  wish: Recipe,
  snapshot: Snapshot,
  options: PlanOptions,
  bySsh: NodeBySsh = {},
): Promise<CreatePlan> {
  const recipe = withNeeds(wish);
  const none = withoutRights(snapshot);
  if (none.length > 0) throw new PlanRejected(`create ${recipe.container.hostname}`, none, recipe);
  const placed = place(recipe, snapshot);
  const joins = options.start && options.provision;
  const addresses = takenAddresses(recipe, snapshot);
  const problems: PlanProblem[] = [
    ...taken(recipe, snapshot),
    ...(options.allowDuplicate ? [] : nameProblems(recipe, snapshot.names, snapshot)),
    ...unknownPool(recipe, snapshot),
    ...addresses.problems,
    ...(joins ? tailnetProblems(snapshot.tailnet) : []),
    ...placed.problems,
    ...(placed.placement ? missingRights(recipe, placed.placement, snapshot) : []),
    ...(bySsh.problem ? [bySsh.problem] : []),
    ...(bySsh.hookscript ? [bySsh.hookscript] : []),
  ];
  const onHost = placed.placement === undefined
    ? undefined
    : checkHost(recipe, placed.placement.node, bySsh.paths ?? new Map(), options.makeDirectories);
  problems.push(...onHost?.problems ?? []);
  const steps = joins ? await provisionSteps(recipe, snapshot, problems) : [];
  const { placement } = placed;
  if (placement === undefined || problems.length > 0) {
    throw new PlanRejected(`create ${recipe.container.hostname}`, problems, recipe);
  }
  const vmid = recipe.container.vmid ?? snapshot.nextVmid;
  const { hostname } = recipe.container;
  const { nodes } = snapshot.names;
  return {
    hostname,
    vmid,
    container: recipe.container,
    placement,
    sshKeys: joins ? recipe.provisioning.ssh_keys.length : 0,
    ...(recipe.origin && { file: recipe.origin.file }),
    start: options.start,
    hasTwin: twinOf(recipe, snapshot) !== undefined,
    ...(!options.allowDuplicate && { names: { nodes } }),
    actions: createActions({
      recipe,
      placement,
      vmid,
      parameters: createParameters(recipe, placement, vmid),
      marker: chooseMarker(recipe.container, vmid, snapshot.permissions),
      start: options.start,
      directories: onHost?.missing ?? [],
      makesKey: joins && snapshot.tailnet?.key === "made",
      steps,
    }),
    warnings: [
      ...placed.warnings ?? [],
      ...planWarnings(wish, placement, snapshot, options),
      ...addresses.warnings,
      ...onHost?.warnings ?? [],
    ],
  };
}

function taken(recipe: Recipe, snapshot: Snapshot): PlanProblem[] {
  const { vmid } = recipe.container;
  const guest = snapshot.guests.find((g) => g.vmid === vmid);
  return guest === undefined ? [] : [{
    code: "ALREADY_EXISTS",
    message: guest.status === "planned"
      ? `several of these want vmid ${vmid}`
      : `vmid ${vmid} is taken by ${guest.name ?? "a guest"} on ${guest.node}`,
    hint: `leave vmid out to get the next free one, ${snapshot.nextVmid}`,
    path: "container.vmid",
  }];
}

/**
 * A pool that is not listed may still be one to create in: Pool.Audit lists it, VM.Allocate is what
 * a create needs. Only who would see it knows that there is none.
 */
function unknownPool(
  recipe: Recipe,
  { pools, permissions }: Pick<Snapshot, "pools" | "permissions">,
): PlanProblem[] {
  const { pool } = recipe.container;
  if (pool === undefined || pools.includes(pool)) return [];
  const path = `/pool/${pool}`;
  const may = (privilege: string): boolean => holds(permissions, path, privilege);
  if (may("VM.Allocate") && !may("Pool.Audit")) return [];
  return [{
    code: "NOT_FOUND",
    message: `pool ${pool} not found (or not visible to this login)`,
    hint: pools.length > 0
      ? suggestion(pool, pools, "it sees")
      : may("Pool.Audit")
      ? `make it: pvesh create /pools --poolid ${pool} on a node`
      : "it may lack Pool.Audit on /pool",
    path: "container.pool",
  }];
}

/** Of a login without rights that is the problem, and not what it therefore does not see. */
function withoutRights({ permissions, tokenId }: Snapshot): PlanProblem[] {
  if (Object.values(permissions).some((privileges) => Object.keys(privileges).length > 0)) {
    return [];
  }
  const isToken = tokenId.includes("!");
  return [{
    code: "PERMISSION_DENIED",
    message: `${isToken ? "the token" : "the user"} ${tokenId} has no rights at all`,
    remedies: [{ kind: "setup" }, { kind: "doctor" }],
  }];
}

async function provisionSteps(
  recipe: Recipe,
  snapshot: Snapshot,
  problems: PlanProblem[],
): Promise<readonly Step[]> {
  const local = stepInputs(recipe, snapshot.localFiles);
  problems.push(...local.problems);
  return local.problems.length > 0 ? [] : await buildSteps(recipe.provisioning, local.inputs);
}
