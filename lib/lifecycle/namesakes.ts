import { commandLine } from "../core/argv.ts";
import { list as listNodes } from "../proxmox/nodes.ts";
import type { Rest } from "../proxmox/rest.ts";
import type { Recipe } from "../recipe/types.ts";
import { askNode, rowsOf } from "./inventory.ts";
import type { PlanProblem } from "./problem.ts";
import { type Holder, holds, lacking } from "./rights.ts";
import type { Permissions } from "./snapshot.ts";

/** A container by its name. */
export interface NamedContainer {
  readonly vmid: number;
  readonly node: string;
  readonly name: string | undefined;
  /** It is to be made in the same run. */
  readonly planned?: true;
}

/** The containers of all nodes by their names, as each node itself has them. */
export interface NameFacts {
  readonly containers: readonly NamedContainer[];
  /** The nodes that could not be asked, and why: "node pve02 is offline". */
  readonly unread: readonly { readonly node: string; readonly problem: string }[];
  /** The nodes that could. */
  readonly nodes: readonly string[];
}

/**
 * Asks every node for its containers: the cluster's own list shows for some seconds what was
 * there before.
 *
 * @param known Nodes to ask without waiting for the list of nodes.
 */
export async function readNames(rest: Rest, known: readonly string[] = []): Promise<NameFacts> {
  const asked = new Map(known.map((node) => [node, rowsOf(rest, node)]));
  // Where the list of nodes fails first, nothing waits for these any more.
  for (const answer of asked.values()) answer.catch(() => {});
  const nodes = await listNodes(rest);
  const answers = await Promise.all(
    nodes.map((node) => askNode(rest, node, asked.get(node.node))),
  );
  return {
    containers: answers.flatMap(({ rows }) =>
      rows.map(({ vmid, node, hostname: name }) => ({ vmid, node, name }))
    ),
    unread: answers.flatMap(({ node, problem }) =>
      problem === undefined ? [] : [{ node, problem }]
    ),
    nodes: answers.flatMap(({ node, problem }) => problem === undefined ? [node] : []),
  };
}

/** True if two hostnames are one, as DNS has it: letters of either case are the same. */
export function sameHostname(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

/**
 * Why a container of this name must not be made: there is one, or it cannot be told whether there
 * is. A recipe that has a vmid is known by that: only a namesake that is seen speaks against it.
 *
 * @param holder Whose rights decide what is seen; undefined where that was found good before.
 */
export function nameProblems(
  recipe: Recipe,
  names: Pick<NameFacts, "containers" | "unread">,
  holder?: Holder,
): PlanProblem[] {
  const { hostname, vmid } = recipe.container;
  const path = "container.hostname";
  const those = names.containers.filter(({ name }) => sameHostname(name, hostname));
  const [first] = those;
  if (first?.planned && those.length === 1) {
    return [{
      code: "ALREADY_EXISTS",
      message: `several of these are called ${hostname}`,
      hint: "give each a hostname of its own, or add --allow-duplicate",
      path,
    }];
  }
  if (first !== undefined) {
    const where = those.filter(({ planned }) => !planned)
      .map(({ vmid, node }) => `${vmid} on ${node}`).join(", ");
    return [{
      code: "ALREADY_EXISTS",
      message: `container ${hostname} already exists: ${where}`,
      hint: ways(recipe, those.length === 1 ? first.name ?? hostname : String(first.vmid)),
      path,
    }];
  }
  if (vmid !== undefined) return [];
  const unsure = `cannot tell whether container ${hostname} already exists`;
  if (names.unread.length > 0) {
    const nodes = names.unread.slice(0, 3).map(({ problem }) => problem);
    const more = names.unread.length - nodes.length;
    return [{
      code: "UNREACHABLE",
      message: `${unsure}: ${nodes.join("; ")}${more > 0 ? `; and ${more} more` : ""}`,
      hint: `bring ${names.unread.length === 1 ? "it" : "them"} back, or:\n${
        ways(recipe, hostname)
      }`,
      path,
    }];
  }
  if (holder === undefined || seesAll(holder.permissions)) return [];
  const [lack] = lacking([{ privilege: "VM.Audit", paths: [anyGuest] }], holder);
  return [{
    code: "PERMISSION_DENIED",
    message: `${unsure}: ${holder.tokenId} sees only part of the cluster (VM.Audit on /vms)`,
    hint: ways(recipe, hostname) +
      (lack?.problem.hint === undefined ? "" : `\nto see all of it, ${lack.problem.hint}`),
    path,
  }];
}

/** A vmid of no guest: what holds for it holds for all that nothing else is said of. */
const anyGuest = "/vms/0";

/** True if a login sees every container. */
function seesAll(permissions: Permissions): boolean {
  const apart = Object.keys(permissions).filter((path) => path.startsWith("/vms/"));
  return [anyGuest, ...apart].every((path) => holds(permissions, path, "VM.Audit"));
}

/** What to do where the name is taken. */
function ways({ origin }: Recipe, container: string): string {
  const file = origin === undefined ? "RECIPE" : origin.file === "stdin" ? "-" : origin.file;
  return `to provision it again: ${commandLine(["pxrun", "provision", container, file])}\n` +
    "to use another name: --hostname NAME\n" +
    "to create a second one: --allow-duplicate";
}
