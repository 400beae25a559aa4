import type { ContainerAction } from "../actions/table.ts";
import type { PlanProblem } from "../core/problem.ts";
import type { Container } from "../recipe/schema/types.ts";
import type { HostFacts } from "./host_checks.ts";
import type { Placement } from "./placement.ts";

/** Requests of the caller besides the recipe. */
export interface PlanOptions {
  /** Else the container is left stopped; it then is not provisioned either. */
  readonly start: boolean;
  readonly provision: boolean;
  /** True if directories for bind mounts that are not there are made. Absent: that is refused. */
  readonly makeDirectories?: boolean | undefined;
  /**
   * True if the hostname may be that of another container. Absent: that is refused, also where
   * it is unknown.
   */
  readonly allowDuplicate?: boolean | undefined;
}

/** Facts about the node of the container, by SSH for the most part. */
export interface NodeBySsh {
  /** Reason why it cannot be reached or used, where that failed. */
  readonly problem?: PlanProblem | undefined;
  /** Entries at the paths that the recipe names. */
  readonly paths?: HostFacts | undefined;
  /** Reason why there is no such hookscript, as the API reports it. */
  readonly hookscript?: PlanProblem | undefined;
}

/**
 * Everything that a create will do, before any of it is done: plain data, which can be printed,
 * stored and read again. Scripts and secrets of the recipe are not part of it.
 *
 * @category Plans
 */
export interface CreatePlan {
  readonly hostname: string;
  readonly vmid: number;
  /** The container of the recipe, with what its provisioning needs of it. */
  readonly container: Container;
  readonly placement: Placement;
  /** Number of SSH keys that root gets. */
  readonly sshKeys: number;
  /** The recipe's file, where it has one. */
  readonly file?: string;
  readonly start: boolean;
  /** True if another container of the name is known. */
  readonly hasTwin: boolean;
  /**
   * The nodes where the hostname was looked for, to look there again just before it is made;
   * absent where it may be that of another container.
   */
  readonly names?: { readonly nodes: readonly string[] };
  /** In the order in which they are carried out. */
  readonly actions: readonly ContainerAction[];
  readonly warnings: readonly string[];
}
