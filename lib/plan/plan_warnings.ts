import type { Recipe } from "../recipe/schema/types.ts";
import { hasProvisioning } from "./needs.ts";
import type { PlanOptions } from "./create_plan.ts";
import type { Placement } from "./placement.ts";
import { type NamedContainer, sameHostname } from "../cluster/guests/names.ts";
import type { Snapshot } from "./snapshot.ts";
import { tailnetWarnings } from "./tailnet.ts";

const MiB = 2 ** 20;

/** Warnings about a create, which are no reason to refuse it. */
export function planWarnings(
  recipe: Recipe,
  placement: Placement,
  snapshot: Snapshot,
  options: PlanOptions,
): string[] {
  return [
    ...twinWarnings(recipe, snapshot),
    ...mountWarnings(recipe),
    ...dockerWarnings(recipe),
    ...(options.start && options.provision ? tailnetWarnings(recipe, snapshot.tailnet) : []),
    ...memoryWarnings(recipe, placement, snapshot),
    ...coreWarnings(recipe, placement, snapshot),
    ...startWarnings(recipe, options),
  ];
}

/** Another container that has the same name. */
export function twinOf({ container }: Recipe, { names }: Snapshot): NamedContainer | undefined {
  return names.containers.find(({ name }) => sameHostname(name, container.hostname));
}

function twinWarnings(recipe: Recipe, snapshot: Snapshot): string[] {
  const { hostname } = recipe.container;
  const twin = twinOf(recipe, snapshot);
  if (twin?.planned) return [`several of these are called ${hostname}`];
  const machine = snapshot.guests.find(({ type, name }) =>
    type !== "lxc" && sameHostname(name, hostname)
  );
  const other = twin ?? machine;
  if (other === undefined) return [];
  const kind = twin === undefined ? "virtual machine" : "container";
  const what = `${hostname} is the name of ${kind} ${other.vmid} on ${other.node} already`;
  return [twin === undefined ? what : `${what}: call them by their vmids`];
}

function mountWarnings(recipe: Recipe): string[] {
  const { features, unprivileged } = recipe.container;
  const denied = features.mount.filter((type) => /^(nfs4?|cifs)$/.test(type));
  if (!unprivileged || denied.length === 0) return [];
  return [
    `the kernel lets no unprivileged container mount ${denied.join(" or ")}, whatever ` +
    "features.mount says: mount it on the node and bind it, or make the container privileged",
  ];
}

function startWarnings(recipe: Recipe, { start, provision }: PlanOptions): string[] {
  if (start || !provision || !hasProvisioning(recipe)) return [];
  return ["a container that is not started cannot be provisioned: that part is left out"];
}

function dockerWarnings({ container, provisioning }: Recipe): string[] {
  if (provisioning.docker === false || container.features.nesting) return [];
  return ["docker needs the feature nesting: it is switched on"];
}

/** More than is free now may still be there when it is used. */
function memoryWarnings(recipe: Recipe, { node }: Placement, snapshot: Snapshot): string[] {
  const { memory } = recipe.container.resources;
  const free = snapshot.nodes.find((facts) => facts.node === node)?.freeMemory;
  if (free === undefined || memory * MiB <= free) return [];
  return [`${memory} MiB of memory are more than the ${Math.floor(free / MiB)} free on ${node}`];
}

/** Proxmox takes any number, and gives no more than there are. */
function coreWarnings(recipe: Recipe, { node }: Placement, snapshot: Snapshot): string[] {
  const { cores } = recipe.container.resources;
  const cpus = snapshot.nodes.find((facts) => facts.node === node)?.cpus;
  return cpus === undefined || cores <= cpus
    ? []
    : [`${cores} cores are more than the ${cpus} of ${node}`];
}
