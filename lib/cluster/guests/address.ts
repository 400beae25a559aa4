import { limits } from "../../core/limits.ts";
import type { Cluster } from "../cluster.ts";
import { poll } from "../../core/poll.ts";
import { interfaces, type LxcInterface } from "../../proxmox/api/nodes/lxc_interfaces.ts";
import { withSignal } from "../../proxmox/http/rest.ts";
import type { NetworkInterface } from "../../recipe/schema/types.ts";
import { type Running, whyNotRunning } from "./while_it_runs.ts";

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
  return reachable(await interfaces(withSignal(cluster.rest, signal), node, vmid));
}

function reachable(found: readonly LxcInterface[]): Address[] {
  return found.filter((one) => one.name !== "lo").flatMap((one) =>
    one.addresses
      .filter(({ address }) => !/^(fe80:|169\.254\.|127\.|::1$)/i.test(address))
      .map(({ address, family }) => ({ interface: one.name, address, family }))
  );
}

/** An address that the recipe makes one expect. */
interface Expected extends Pick<Address, "interface" | "family"> {
  /** It is written in the recipe: nothing else has to give it. */
  readonly fixed: boolean;
}

/**
 * Which interfaces the recipe makes one expect an address of, and of which family: the first of
 * each interface, then what only comes along.
 */
function expected(network: readonly NetworkInterface[]): Expected[] {
  const each = network.map(({ name, ip, ip6 = "manual" }, index): Expected[] => {
    const wishes = [["inet", ip], ["inet6", ip6]] as const;
    return wishes.filter(([, wish]) => wish !== "manual").map(([family, wish]) => ({
      interface: name ?? `eth${index}`,
      family,
      fixed: wish.includes("/"),
    }));
  });
  return [...each.flatMap((all) => all.slice(0, 1)), ...each.flatMap((all) => all.slice(1))];
}

/**
 * Waits until the first interface that the recipe wants an address for has one: IPv4 where
 * the recipe asks for it, else IPv6. Other fixed addresses get a moment more: IPv6 is
 * checked for duplicates first.
 *
 * @returns All addresses, in the order of the recipe's interfaces, the awaited one first.
 * @throws {PxrunError} That the container does not run any more, where it was stopped meanwhile.
 */
export async function waitForAddress(
  cluster: Cluster,
  guest: Running,
  network: readonly NetworkInterface[],
  signal?: AbortSignal,
): Promise<Address[]> {
  const { clock } = cluster.platform;
  const rest = withSignal(cluster.rest, signal);
  const wishes = expected(network);
  const [first] = wishes;
  const fits = (address: Address) => (wish: Expected): boolean =>
    wish.interface === address.interface && wish.family === address.family;
  const rank = (address: Address): number => {
    const index = wishes.findIndex(fits(address));
    return index < 0 ? wishes.length : index;
  };
  let since: number | undefined;
  const found = await poll(async () => {
    const all = await interfaces(rest, guest.node, guest.vmid);
    // What runs has at least lo.
    const ended = all.length === 0 ? await whyNotRunning(cluster, guest, { signal }) : undefined;
    if (ended !== undefined) throw ended;
    const addresses = reachable(all);
    if (!addresses.some((address) => rank(address) === 0)) return undefined;
    since ??= clock.now();
    const missing = wishes.some((wish) =>
      wish.fixed && !addresses.some((address) => fits(address)(wish))
    );
    return missing && clock.now() < since + limits.create.fixedAddress ? undefined : addresses;
  }, {
    clock,
    what: `${first?.family === "inet6" ? "an IPv6" : "an IPv4"} address of container ` +
      `${guest.vmid} on ${first?.interface}`,
    timeout: limits.create.address,
    longest: 1_000,
    signal,
    hint: "does anything answer DHCP on that bridge? " +
      "a fixed address is --ip 10.0.0.5/24 --gateway 10.0.0.1",
  });
  return found.toSorted((a, b) => rank(a) - rank(b));
}
