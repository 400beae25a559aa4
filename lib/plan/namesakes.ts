import { commandLine } from "../core/argv.ts";
import type { PlanProblem } from "../core/problem.ts";
import { type NameFacts, sameHostname } from "../cluster/guests/names.ts";
import { type Holder, holds, lacking, type Permissions } from "../cluster/rights.ts";

/** A recipe, as far as its name matters. */
export interface Named {
  readonly container: { readonly hostname: string; readonly vmid?: number | undefined };
  readonly origin?: { readonly file: string } | undefined;
}

/**
 * Reason why a container of this name must not be made: there is one, or it is unknown whether there
 * is. A recipe that has a vmid is known by that: only a namesake that is seen speaks against it.
 *
 * @param holder Whose rights decide what is seen; undefined where that was found good before.
 */
export function nameProblems(
  recipe: Named,
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
      hint: "give each a hostname of its own",
      remedies: [{ kind: "allow-duplicate" }],
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

/** Hint if the name is taken. */
function ways({ origin }: Named, container: string): string {
  const file = origin === undefined ? "RECIPE" : origin.file === "stdin" ? "-" : origin.file;
  return `to provision it again: ${commandLine(["pxrun", "provision", container, file])}\n` +
    "to use another name: --hostname NAME\n" +
    "to create a second one: --allow-duplicate";
}
