import type { Cluster } from "../cluster/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import * as lxc from "../proxmox/api/nodes/lxc.ts";
import { type Rest, withSignal } from "../proxmox/http/rest.ts";
import type { Recipe } from "../recipe/schema/types.ts";
import type { NamedContainer, NameFacts } from "../cluster/guests/names.ts";
import type { PlanProblem } from "../core/problem.ts";
import type { AddressUse, Snapshot } from "./snapshot.ts";

/** The addresses that a recipe fixes, with the keys that do. */
export function fixedAddresses(
  { container }: Pick<Recipe, "container">,
): { address: string; path: string }[] {
  return container.network.flatMap(({ ip, ip6 }, index) =>
    Object.entries({ ip, ip6 }).flatMap(([key, value]) =>
      value?.includes("/")
        ? [{ address: bare(value), path: `container.network[${index}].${key}` }]
        : []
    )
  );
}

/** Fixed addresses of containers, and the nodes whose containers could not be asked. */
export interface UsedAddresses {
  readonly uses: readonly AddressUse[];
  readonly unread: readonly string[];
}

/** Which containers have which fixed addresses; asked for only where the recipe fixes one. */
export async function addressesInUse(
  { rest }: Pick<Cluster, "rest">,
  recipe: Recipe,
  { containers, unread }: Pick<NameFacts, "containers" | "unread">,
  signal?: AbortSignal,
): Promise<UsedAddresses> {
  const wanted = new Set(fixedAddresses(recipe).map(({ address }) => address));
  if (wanted.size === 0) return { uses: [], unread: [] };
  const nodes = [...Map.groupBy(containers, ({ node }) => node)];
  const found = await Promise.all(
    nodes.map(([, there]) => usesOn(rest, there, wanted, signal)),
  );
  const silent = nodes.flatMap(([node], index) => found[index] === undefined ? [node] : []);
  return {
    uses: found.flatMap((uses) => uses ?? []),
    unread: [...unread.map(({ node }) => node), ...silent],
  };
}

/** Those on one node; undefined when it does not answer, which is not waited for container by container. */
async function usesOn(
  rest: Rest,
  containers: readonly NamedContainer[],
  wanted: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<readonly AddressUse[] | undefined> {
  const away = new AbortController();
  const ends = signal ? AbortSignal.any([signal, away.signal]) : away.signal;
  const bound = withSignal(rest, ends);
  const uses = await Promise.all(
    containers.map((one) =>
      usesOf(bound, one, wanted).catch((error) => {
        signal?.throwIfAborted();
        if (!(error instanceof PxrunError) || error.code === "UNAUTHORIZED") throw error;
        if (error.code === "UNREACHABLE") away.abort(error);
        // One that was destroyed or that the token may not read cannot be in the way here.
        return [];
      })
    ),
  );
  return away.signal.aborted ? undefined : uses.flat();
}

async function usesOf(
  rest: Rest,
  { node, vmid, name }: NamedContainer,
  wanted: ReadonlySet<string>,
): Promise<AddressUse[]> {
  const { net } = await lxc.config(rest, node, vmid);
  const addresses = Object.values(net).flatMap(({ ip, ip6 }) => [ip, ip6])
    .flatMap((value) => value?.includes("/") ? [bare(value)] : [])
    .filter((address) => wanted.has(address));
  if (addresses.length === 0) return [];
  const running = (await lxc.current(rest, node, vmid)).status !== "stopped";
  return addresses.map((address) => ({ address, vmid, name, node, running }));
}

/** Addresses that the recipe wants and another container has: in use, or only set. */
export function takenAddresses(
  recipe: Recipe,
  { addressesInUse: uses, addressesUnread = [] }: Pick<
    Snapshot,
    "addressesInUse" | "addressesUnread"
  >,
): { readonly problems: readonly PlanProblem[]; readonly warnings: readonly string[] } {
  const problems: PlanProblem[] = [];
  const warnings: string[] = [];
  const fixed = fixedAddresses(recipe);
  if (fixed.length > 0 && addressesUnread.length > 0) {
    warnings.push(
      `the addresses of containers on ${addressesUnread.join(", ")} are not known now: ` +
        `check that ${fixed.map(({ address }) => address).join(", ")} is not one of them`,
    );
  }
  for (const { address, path } of fixed) {
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
