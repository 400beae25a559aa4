import type { Recipe } from "../recipe/types.ts";
import type { LxcCreate } from "../proxmox/nodes_lxc.ts";
import { stepInputs } from "./local_files.ts";
import { createParameters } from "./parameters.ts";
import { place, type Placement } from "./placement.ts";
import { type PlanProblem, PlanRefused } from "./problem.ts";
import { buildSteps, HOST_ZONE } from "./provision/build.ts";
import { notBuilt } from "./provision/not_built.ts";
import type { Step } from "./provision/step.ts";
import { missingRights } from "./rights.ts";
import type { Snapshot } from "./snapshot.ts";

/** One thing that will be done, as the user reads it. */
export interface PlanStep {
  readonly id: string;
  readonly title: string;
  readonly by: "API" | "SSH";
  /** The call or command behind it. */
  readonly call: string;
  /** What goes with the call, as `name=value`. */
  readonly parameters?: readonly string[];
  /** Why it goes over SSH, where it does. */
  readonly why?: string;
}

/** What the caller wishes besides the recipe. */
export interface PlanOptions {
  /** Else the container is left stopped; it then is not provisioned either. */
  readonly start: boolean;
  readonly provision: boolean;
}

/** Whether a recipe asks for anything inside the container. */
export function hasProvisioning({ provisioning }: Recipe): boolean {
  const { packages, users, ssh_keys, files, scripts, locale, timezone = HOST_ZONE, docker } =
    provisioning;
  const lists = [packages, users, ssh_keys, files, scripts];
  return lists.some((list) => list.length > 0) || locale !== undefined || timezone !== HOST_ZONE ||
    docker !== false;
}

/** Everything that a create will do; nothing in it was done yet. */
export interface CreatePlan {
  readonly recipe: Recipe;
  readonly placement: Placement;
  readonly vmid: number;
  /** Whether the recipe asks for this vmid and no other. */
  readonly vmidIsFixed: boolean;
  readonly parameters: LxcCreate;
  readonly start: boolean;
  /** What is done inside; empty: no SSH is needed. */
  readonly provision: readonly Step[];
  readonly steps: readonly PlanStep[];
  readonly warnings: readonly string[];
}

const whyExec = "the API cannot run commands inside a container";

/**
 * Turns a wish and the state of the cluster into what will be done. Pure.
 *
 * @param noRoute Why the node cannot be reached by SSH, where that was tried in vain.
 * @throws {PlanRefused} with every reason at once.
 */
export async function planCreate(
  wish: Recipe,
  snapshot: Snapshot,
  options: PlanOptions,
  noRoute?: PlanProblem,
): Promise<CreatePlan> {
  const recipe = withDocker(wish);
  const placed = place(recipe, snapshot);
  const problems: PlanProblem[] = [
    ...notBuilt(recipe).map(({ path, what }): PlanProblem => ({
      code: "NOT_BUILT",
      message: `${what} cannot be done by this version`,
      hint: "leave it out for now",
      path,
    })),
    ...taken(recipe, snapshot),
    ...unknownPool(recipe, snapshot),
    ...placed.problems,
    ...(placed.placement ? missingRights(recipe, placed.placement, snapshot) : []),
    ...(noRoute ? [noRoute] : []),
  ];
  const steps = options.start && options.provision
    ? await provisionSteps(recipe, snapshot, problems)
    : [];
  const { placement } = placed;
  if (placement === undefined || problems.length > 0) {
    throw new PlanRefused(`create ${recipe.container.hostname}`, problems, recipe);
  }
  const vmid = recipe.container.vmid ?? snapshot.nextVmid;
  const parameters = createParameters(recipe, placement, vmid);
  return {
    recipe,
    placement,
    vmid,
    vmidIsFixed: recipe.container.vmid !== undefined,
    parameters,
    start: options.start,
    provision: steps,
    steps: planSteps({ recipe, placement, vmid, parameters, start: options.start, steps }),
    warnings: warnings(wish, snapshot, options),
  };
}

/** What Docker needs of the container; an old kernel alone would want keyctl, too. */
function withDocker(recipe: Recipe): Recipe {
  if (recipe.provisioning.docker === false) return recipe;
  const { container } = recipe;
  return {
    ...recipe,
    container: { ...container, features: { ...container.features, nesting: true } },
  };
}

function taken(recipe: Recipe, snapshot: Snapshot): PlanProblem[] {
  const { vmid } = recipe.container;
  const guest = snapshot.guests.find((g) => g.vmid === vmid);
  return guest === undefined ? [] : [{
    code: "ALREADY_EXISTS",
    message: `vmid ${vmid} is taken by ${guest.name ?? "a guest"} on ${guest.node}`,
    hint: `leave vmid out to get the next free one, ${snapshot.nextVmid}`,
    path: "container.vmid",
  }];
}

function unknownPool(recipe: Recipe, snapshot: Snapshot): PlanProblem[] {
  const { pool } = recipe.container;
  return pool === undefined || snapshot.pools.includes(pool) ? [] : [{
    code: "NOT_FOUND",
    message: `there is no pool ${pool} that this token may see`,
    hint: snapshot.pools.length > 0
      ? `it sees ${snapshot.pools.join(", ")}`
      : "it may lack Pool.Audit on /pool",
    path: "container.pool",
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

function warnings(recipe: Recipe, snapshot: Snapshot, options: PlanOptions): string[] {
  const { hostname, features } = recipe.container;
  const twin = snapshot.guests.find((guest) => guest.name === hostname);
  const found: string[] = [];
  if (twin) {
    const kind = twin.type === "lxc" ? "container" : "virtual machine";
    found.push(`${hostname} is the name of ${kind} ${twin.vmid} on ${twin.node} already`);
  }
  if (recipe.provisioning.docker !== false && !features.nesting) {
    found.push("docker needs the feature nesting: it is switched on");
  }
  if (!options.start && options.provision && hasProvisioning(recipe)) {
    found.push("a container that is not started cannot be provisioned: that part is left out");
  }
  return found;
}

function planSteps(
  { recipe, placement, vmid, parameters, start, steps }: {
    readonly recipe: Recipe;
    readonly placement: Placement;
    readonly vmid: number;
    readonly parameters: LxcCreate;
    readonly start: boolean;
    readonly steps: readonly Step[];
  },
): PlanStep[] {
  const { node, template } = placement;
  const guest = `/nodes/${node}/lxc/${vmid}`;
  const shown = Object.entries(parameters)
    .map(([name, value]) => `${name}=${typeof value === "boolean" ? Number(value) : value}`)
    .filter((text) => !text.startsWith("description="));
  const found: PlanStep[] = [];
  if (template.download) {
    found.push({
      id: "download",
      title: `download ${template.download.file}`,
      by: "API",
      call: `POST /nodes/${node}/aplinfo`,
      parameters: [`storage=${template.download.storage}`, `template=${template.download.file}`],
    });
  }
  found.push({
    id: "create",
    title: `create container ${vmid}`,
    by: "API",
    call: `POST /nodes/${node}/lxc`,
    parameters: shown,
  });
  if (!start) return found;
  found.push({ id: "start", title: "start", by: "API", call: `POST ${guest}/status/start` });
  if (waitsForAddress(recipe)) {
    found.push({
      id: "address",
      title: "wait for an address",
      by: "API",
      call: `GET ${guest}/interfaces`,
    });
  }
  const call = `lxc-attach -n ${vmid} --clear-env -- sh -s`;
  return [
    ...found,
    ...steps.map(({ id, title }): PlanStep => ({ id, title, by: "SSH", call, why: whyExec })),
  ];
}

/** Whether any interface is going to have an address that one can wait for. */
export function waitsForAddress(recipe: Recipe): boolean {
  return recipe.container.network.some((net) =>
    net.ip !== "manual" || (net.ip6 !== undefined && net.ip6 !== "manual")
  );
}
