import type { LxcCreate } from "../proxmox/api/nodes/lxc.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import { API } from "../tailscale/client.ts";
import type { MissingFolder } from "./host_checks.ts";
import type { Placement } from "./placement.ts";
import type { Step } from "../provision/step.ts";
import { rootOptions, WHY_ROOT } from "./root_options.ts";

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

const whyExec = "the API cannot run commands inside a container";

/** Everything that a create does, in order. */
export function planSteps(
  { recipe, placement, vmid, parameters, start, folders, makesKey, steps }: {
    readonly recipe: Recipe;
    readonly placement: Placement;
    readonly vmid: number;
    readonly parameters: LxcCreate;
    readonly start: boolean;
    readonly folders: readonly MissingFolder[];
    readonly makesKey: boolean;
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
  if (makesKey) {
    const call = `POST ${API}/tailnet/…/keys`;
    found.push({ id: "tailscale-key", title: "make a key for the tailnet", by: "API", call });
  }
  for (const { path } of folders) {
    const call = `mkdir ${path}`;
    const why = "the API cannot make folders of a node";
    found.push({ id: "folder", title: `make ${path} on ${node}`, by: "SSH", call, why });
  }
  found.push({
    id: "create",
    title: `create container ${vmid}`,
    by: "API",
    call: `POST /nodes/${node}/lxc`,
    parameters: shown,
  });
  const options = rootOptions(recipe);
  if (options.length > 0) {
    found.push({
      id: "options",
      title: `set ${options.map(({ name }) => name).join(", ")}`,
      by: "SSH",
      call: `pct set ${vmid}`,
      parameters: options.map(({ name, value, group }) =>
        `${name}=${value(new Map())}${group === undefined ? "" : `,gid=<gid of ${group} inside>`}`
      ),
      why: WHY_ROOT,
    });
  }
  const last: readonly PlanStep[] = recipe.container.protection
    ? [{
      id: "protection",
      title: "protect it",
      by: "API",
      call: `PUT ${guest}/config`,
      parameters: ["protection=1"],
    }]
    : [];
  if (!start) return [...found, ...last];
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
    ...last,
  ];
}

/** Whether any interface is going to have an address that one can wait for. */
export function waitsForAddress(recipe: Recipe): boolean {
  return recipe.container.network.some((net) =>
    net.ip !== "manual" || (net.ip6 !== undefined && net.ip6 !== "manual")
  );
}
