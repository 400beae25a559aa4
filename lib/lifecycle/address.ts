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

/** Which families the recipe makes one expect. */
function wanted(network: readonly NetworkInterface[]): { inet: boolean; inet6: boolean } {
  return {
    inet: network.some(({ ip }) => ip !== "manual"),
    inet6: network.some(({ ip6 }) => ip6 !== undefined && ip6 !== "manual"),
  };
}

/**
 * Waits until the guest has an address of the wanted family: IPv4 where the
 * recipe asks for it, else IPv6.
 *
 * @returns All its addresses, the wanted family first.
 */
export async function waitForAddress(
  cluster: Cluster,
  guest: { readonly node: string; readonly vmid: number },
  network: readonly NetworkInterface[],
  signal?: AbortSignal,
): Promise<Address[]> {
  const family = wanted(network).inet ? "inet" : "inet6";
  const found = await poll(async () => {
    const addresses = await addressesOf(cluster, guest.node, guest.vmid, signal);
    return addresses.some((address) => address.family === family) ? addresses : undefined;
  }, {
    clock: cluster.world.clock,
    what: `${family === "inet" ? "an IPv4" : "an IPv6"} address of container ${guest.vmid}`,
    timeout: PATIENCE,
    first: 50,
    longest: 1_000,
    signal,
    hint:
      "does anything answer DHCP on that bridge? a fixed address is --ip 10.0.0.5/24 --gateway 10.0.0.1",
  });
  return found.toSorted((a, b) => Number(b.family === family) - Number(a.family === family));
}
