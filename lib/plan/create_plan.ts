import type { PlanProblem } from "../core/plan_problem.ts";
import type { LxcCreate } from "../proxmox/api/nodes/lxc.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import type { HostFacts, MissingFolder } from "./host_checks.ts";
import type { MarkWay } from "../cluster/guests/marks.ts";
import type { Placement } from "./placement.ts";
import type { PlanStep } from "./plan_steps.ts";
import type { Step } from "../provision/step.ts";
import type { RootOption } from "./root_options.ts";

/** What the caller wishes besides the recipe. */
export interface PlanOptions {
  /** Else the container is left stopped; it then is not provisioned either. */
  readonly start: boolean;
  readonly provision: boolean;
  /** Whether folders for bind mounts that are not there are made. Absent: that is refused. */
  readonly makeFolders?: boolean | undefined;
  /**
   * Whether the hostname may be that of another container. Absent: that is refused, also where
   * it cannot be told.
   */
  readonly allowDuplicate?: boolean | undefined;
}

/** What was found on the node where the container goes, by SSH for the most part. */
export interface NodeBySsh {
  /** Why it cannot be reached or used, where that was tried in vain. */
  readonly problem?: PlanProblem | undefined;
  /** What is at the paths that the recipe names. */
  readonly paths?: HostFacts | undefined;
  /** Why there is no such hookscript, which the API tells. */
  readonly hookscript?: PlanProblem | undefined;
}

/** Everything that a create will do; nothing in it was done yet. */
export interface CreatePlan {
  readonly recipe: Recipe;
  readonly placement: Placement;
  readonly vmid: number;
  /** Whether the recipe asks for this vmid and no other. */
  readonly vmidIsFixed: boolean;
  readonly parameters: LxcCreate;
  /** How the container is marked as long as it is not finished. */
  readonly mark: MarkWay;
  /** Whether it is known to be not the only one of its name. */
  readonly hasTwin: boolean;
  /**
   * The nodes where its hostname was looked for, to look there again just before it is made;
   * undefined where it may be that of another container.
   */
  readonly nameNodes: readonly string[] | undefined;
  /** When it was looked for, in milliseconds since the epoch. */
  readonly namesAt: number;
  readonly start: boolean;
  /** Folders of the node to be made for bind mounts. */
  readonly folders: readonly MissingFolder[];
  /** What goes over SSH before the first start. */
  readonly rootOptions: readonly RootOption[];
  /** Whether a key to join the tailnet with is made. */
  readonly makesKey: boolean;
  /** What is done inside. */
  readonly provision: readonly Step[];
  readonly steps: readonly PlanStep[];
  readonly warnings: readonly string[];
}
