import type { ContainerAction } from "../actions/table.ts";
import type { MarkerVia } from "../cluster/guests/marker.ts";
import type { LxcCreate } from "../proxmox/api/nodes/lxc.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import type { Step } from "../provision/step.ts";
import type { MissingDirectory } from "./host_checks.ts";
import type { Placement } from "./placement.ts";
import { rootOptions } from "./root_options.ts";

/** Inputs of the actions of a create. */
export interface CreateFacts {
  readonly recipe: Recipe;
  readonly placement: Placement;
  readonly vmid: number;
  readonly parameters: LxcCreate;
  readonly marker: MarkerVia;
  readonly start: boolean;
  /** Directories of the node to be made for bind mounts. */
  readonly directories: readonly MissingDirectory[];
  /** True if a key to join the tailnet with is made. */
  readonly makesKey: boolean;
  /** The provisioning steps; none where nothing is done inside. */
  readonly steps: readonly Pick<Step, "id" | "title">[];
}

/** Everything that a create does, in order. Pure. */
export function createActions(facts: CreateFacts): ContainerAction[] {
  const { recipe, placement, vmid, parameters, marker, start, directories, makesKey, steps } =
    facts;
  const { container } = recipe;
  const { node, template: { download } } = placement;
  const options = rootOptions(recipe);
  const groups = options.flatMap(({ group }) => group ?? []);
  const found: (ContainerAction | false | undefined)[] = [
    download && { kind: "download-template", id: "download", node, ...download },
    makesKey && { kind: "make-join-key", id: "tailscale-key" },
    ...directories.map(({ path, below }): ContainerAction => {
      const shifted = container.unprivileged;
      return { kind: "make-directory", id: `directory:${path}`, node, path, below, shifted };
    }),
    {
      kind: "create-container",
      id: "create",
      node,
      vmid,
      vmidIsFixed: container.vmid !== undefined,
      hostname: container.hostname,
      parameters,
      marker,
      protects: container.protection,
    },
    options.length > 0 &&
    { kind: "set-root-options", id: "options", node, vmid, options, makesGroups: start },
    ...start ? afterStart(facts, groups) : [],
    ...steps.map(({ id, title }): ContainerAction => ({ kind: "provision", id, vmid, title })),
    container.protection && { kind: "protect-container", id: "protection", node, vmid },
  ];
  return found.filter((action) => typeof action === "object");
}

function afterStart(
  { recipe, placement: { node }, vmid }: CreateFacts,
  groups: readonly string[],
): ContainerAction[] {
  const { network } = recipe.container;
  return [
    { kind: "start-container", id: "start", node, vmid },
    ...groups.length > 0
      ? [{ kind: "make-groups", id: "groups", vmid, groups: [...new Set(groups)] } as const]
      : [],
    ...waitsForAddress(recipe)
      ? [{ kind: "wait-for-address", id: "address", node, vmid, network } as const]
      : [],
  ];
}

/** True if any interface is going to have an address that one can wait for. */
export function waitsForAddress(recipe: Recipe): boolean {
  return recipe.container.network.some((net) =>
    net.ip !== "manual" || (net.ip6 !== undefined && net.ip6 !== "manual")
  );
}
