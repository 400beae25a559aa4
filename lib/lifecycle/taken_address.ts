import { PxrunError } from "../core/errors.ts";
import * as lxc from "../proxmox/nodes_lxc.ts";
import type { Rest } from "../proxmox/rest.ts";
import type { Recipe } from "../recipe/types.ts";
import type { PlanProblem } from "./problem.ts";
import type { AddressUse, GuestFacts, Snapshot } from "./snapshot.ts";

/** The addresses that a recipe fixes, with the keys that do. */
export function fixedAddresses({ container }: Recipe): { address: string; path: string }[] {
  return container.network.flatMap(({ ip, ip6 }, index) =>
    Object.entries({ ip, ip6 }).flatMap(([key, value]) =>
      value?.includes("/")
        ? [{ address: bare(value), path: `container.network[${index}].${key}` }]
        : []
    )
  );
}

/** Which containers have which fixed addresses; asked for only where the recipe fixes one. */
export async function addressesInUse(
  rest: Rest,
  recipe: Recipe,
  guests: readonly GuestFacts[],
): Promise<AddressUse[]> {
  const wanted = new Set(fixedAddresses(recipe).map(({ address }) => address));
  if (wanted.size === 0) return [];
  const containers = guests.filter(({ type }) => type === "lxc");
  const found = await Promise.all(containers.map(async ({ node, vmid, name, status }) => {
    const nets = await lxc.config(rest, node, vmid).then(({ net }) => Object.values(net))
      .catch((error) => {
        // One that is gone by now or that the token may not read is in nobody's way here.
        if (error instanceof PxrunError && error.code !== "UNAUTHORIZED") return [];
        throw error;
      });
    const addresses = nets.flatMap(({ ip, ip6 }) => [ip, ip6])
      .flatMap((value) => value?.includes("/") ? [bare(value)] : []);
    // For some seconds a new one is `unknown` in the list, and one that was started is `stopped`.
    const running = status !== "stopped" || addresses.some((one) => wanted.has(one)) &&
        (await lxc.current(rest, node, vmid)).status !== "stopped";
    return addresses.map((address) => ({ address, vmid, name, node, running }));
  }));
  return found.flat();
}

/** Addresses that the recipe wants and another container has: in use, or only set. */
export function takenAddresses(
  recipe: Recipe,
  { addressesInUse: uses }: Pick<Snapshot, "addressesInUse">,
): { readonly problems: readonly PlanProblem[]; readonly warnings: readonly string[] } {
  const problems: PlanProblem[] = [];
  const warnings: string[] = [];
  for (const { address, path } of fixedAddresses(recipe)) {
    const use = uses.find((one) => one.address === address);
    if (use === undefined) continue;
    const whose = `${use.name ?? "a container"} (${use.vmid}) on ${use.node}`;
    if (use.running) {
      problems.push({
        code: "ALREADY_EXISTS",
        message: use.planned
          ? `several of these want the address ${address}`
          : `${address} is the address of ${whose}, which is running`,
        hint: "choose another, or stop that one first",
        path,
      });
    } else {warnings.push(
        `${address} is also the address of ${whose}, which is stopped now: only one of them can run`,
      );}
  }
  return { problems, warnings };
}

/** Without the prefix, in one spelling. */
function bare(cidr: string): string {
  const address = cidr.slice(0, cidr.indexOf("/")).toLowerCase();
  return address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
