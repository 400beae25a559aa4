import type { Cluster } from "../connect/cluster.ts";
import { poll } from "../core/poll.ts";
import { interfaces } from "../proxmox/nodes_lxc_interfaces.ts";
import { withSignal } from "../proxmox/rest.ts";
import type { NetworkInterface } from "../recipe/types.ts";

/** DHCP on a busy network can take its time. */
const PATIENCE = 120_000;

/** One address of a guest, without its prefix. */
export interface Address {
  readonly interface: string;
  readonly address: string;
  readonly family: "inet" | "inet6";
}

/** The addresses that reach the guest from outside: not those of lo, not link-local ones. */
export async function addressesOf(
  cluster: Cluster,
  node: string,
  vmid: number,
  signal?: AbortSignal,
): Promise<Address[]> {
  const found = await interfaces(withSignal(cluster.rest, signal), node, vmid);
  return found.filter((one) => one.name !== "lo").flatMap((one) =>
    one.addresses
      .filter(({ address }) => !/^(fe80:|169\.254\.|127\.|::1$)/i.test(address))
      .map(({ address, family }) => ({ interface: one.name, address, family }))
  );
}

/** Which interfaces the recipe makes one expect an address of, and of which family. */
function expected(
  network: readonly NetworkInterface[],
): (Pick<Address, "interface" | "family">)[] {
  return network.flatMap((wish, index): ReturnType<typeof expected> => {
    const name = wish.name ?? `eth${index}`;
    if (wish.ip !== "manual") return [{ interface: name, family: "inet" }];
    const six = wish.ip6 !== undefined && wish.ip6 !== "manual";
    return six ? [{ interface: name, family: "inet6" }] : [];
  });
}

/**
 * Waits until the first interface that the recipe wants an address for has one: IPv4 where
 * the recipe asks for it, else IPv6.
 *
 * @returns All addresses, in the order of the recipe's interfaces, the awaited one first.
 */
export async function waitForAddress(
  cluster: Cluster,
  guest: { readonly node: string; readonly vmid: number },
  network: readonly NetworkInterface[],
  signal?: AbortSignal,
): Promise<Address[]> {
  const wishes = expected(network);
  const [first] = wishes;
  const rank = (address: Address): number => {
    const index = wishes.findIndex((wish) =>
      wish.interface === address.interface && wish.family === address.family
    );
    return index < 0 ? wishes.length : index;
  };
  const found = await poll(async () => {
    const addresses = await addressesOf(cluster, guest.node, guest.vmid, signal);
    return addresses.some((address) => rank(address) === 0) ? addresses : undefined;
  }, {
    clock: cluster.world.clock,
    what: `${first?.family === "inet6" ? "an IPv6" : "an IPv4"} address of container ` +
      `${guest.vmid} on ${first?.interface}`,
    timeout: PATIENCE,
    longest: 1_000,
    signal,
    hint: "does anything answer DHCP on that bridge? " +
      "a fixed address is --ip 10.0.0.5/24 --gateway 10.0.0.1",
  });
  return found.toSorted((a, b) => rank(a) - rank(b));
}
