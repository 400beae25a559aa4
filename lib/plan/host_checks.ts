import { FIRST_UID } from "../actions/make_directory.ts";
import { quote } from "../core/argv.ts";
import type { BindMount, Recipe } from "../recipe/schema/types.ts";
import type { PlanProblem } from "../core/problem.ts";

/** Entry at a path of a node. */
export type HostPath =
  /** Only root may read it: it may be anything. */
  | { readonly kind: "hidden" }
  /** `below` is the nearest directory above that is there. */
  | { readonly kind: "missing"; readonly below: string }
  | {
    readonly kind: "directory" | "file" | "character" | "block" | "other";
    readonly uid: number;
    readonly gid: number;
  };

/** Paths of a node that a recipe names, and what is there. */
export type HostFacts = ReadonlyMap<string, HostPath>;

/** A directory of a node that is not there yet. */
export interface MissingDirectory {
  readonly path: string;
  /** The nearest directory above it that is there. */
  readonly below: string;
}

/** Problems of a recipe's directories and devices on the node. */
export interface HostFindings {
  readonly problems: readonly PlanProblem[];
  readonly warnings: readonly string[];
  /** Directories that are not there and are to be made. */
  readonly missing: readonly MissingDirectory[];
}

/**
 * Holds what a recipe wants of a node against what is there. Pure.
 *
 * @param makeDirectories Whether directories that are not there are made, instead of refused.
 */
export function checkHost(
  recipe: Recipe,
  node: string,
  facts: HostFacts,
  makeDirectories: boolean | undefined,
): HostFindings {
  const { devices, mount_points, unprivileged } = recipe.container;
  const problems: PlanProblem[] = [];
  const warnings: string[] = [];
  const missing = new Map<string, MissingDirectory>();
  for (const [index, mount] of mount_points.entries()) {
    if (!("host" in mount)) continue;
    const path = `container.mount_points[${index}].host`;
    const there = facts.get(mount.host);
    if (there?.kind === "missing" && makeDirectories) {
      missing.set(mount.host, { path: mount.host, below: there.below });
    } else if (there?.kind === "missing") problems.push({ ...noDirectory(mount, node), path });
    else if (there?.kind === "character" || there?.kind === "block" || there?.kind === "other") {
      problems.push({
        code: "FAILED",
        message: `${mount.host} on ${node} is neither a directory nor a file`,
        hint: "a device goes under container.devices",
        path,
      });
    } else if (there !== undefined && "uid" in there && unprivileged) {
      warnings.push(...shifted(mount, node, there.uid));
    }
  }
  for (const [index, { path: device }] of devices.entries()) {
    const there = facts.get(device);
    if (there === undefined || there.kind === "hidden") continue;
    if (there.kind === "character" || there.kind === "block") continue;
    const path = `container.devices[${index}].path`;
    problems.push({
      code: there.kind === "missing" ? "NOT_FOUND" : "FAILED",
      message: there.kind === "missing"
        ? `there is no device ${device} on ${node}`
        : `${device} on ${node} is no device`,
      hint:
        `\`ls -l ${quote(device.slice(0, device.lastIndexOf("/")) || "/")}\` there shows what ` +
        "is; a driver may have to be loaded first",
      path,
    });
  }
  return {
    problems,
    warnings,
    missing: [...missing.values()],
  };
}

function noDirectory({ host }: BindMount, node: string): PlanProblem {
  return {
    code: "NOT_FOUND",
    message: `there is no ${host} on ${node}`,
    hint: `make it: \`mkdir -p ${quote(host)}\` on ${node}`,
    remedies: [{ kind: "make-directories" }],
    offer: "makeDirectories",
  };
}

/** Whose files they are inside, since that surprises everybody once. */
function shifted(mount: BindMount, node: string, uid: number): string[] {
  if (mount.read_only || uid >= FIRST_UID) return [];
  return [
    `${mount.host} belongs to uid ${uid} on ${node}, which is nobody in the container: uid N inside ` +
    `is ${FIRST_UID}+N there. \`chown ${FIRST_UID}:${FIRST_UID} ${quote(mount.host)}\` gives it ` +
    "to root of the container",
  ];
}
