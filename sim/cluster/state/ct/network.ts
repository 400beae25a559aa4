import type { GuestSurroundings } from "../../../unix/types.ts";
import type { Cluster, Ct, Iface, Link, SimNode } from "../cluster.ts";
import { failed } from "../error.ts";
import { nameOf } from "./ct.ts";
import { markStopped } from "./pending.ts";
import { NET, parseProperty, type Property } from "../property.ts";

const LOOPBACK = { "hwaddr": "00:00:00:00:00:00", "inet": "127.0.0.1/8", "inet6": "::1/128" };

/** The netN options of a configuration, taken apart. */
export function netsOf(config: Readonly<Record<string, string>>): Property[] {
  return Object.keys(config).filter((key) => /^net\d+$/.test(key)).sort()
    .map((key) => parseProperty(config[key] ?? "", NET));
}

/** Refuses a start that needs a bridge which the node has not. */
export function checkBridges(node: SimNode, config: Readonly<Record<string, string>>): void {
  for (const { bridge } of netsOf(config)) {
    if (bridge !== undefined && !hasBridge(node, bridge)) {
      throw failed(`bridge '${bridge}' does not exist`);
    }
  }
}

/** True if the node has the bridge. */
export function hasBridge(node: SimNode, bridge: string): boolean {
  return node.ifaces.some(({ iface }) => iface === bridge);
}

/**
 * Changes one interface of a running container. A static address is set or removed at once; nothing
 * starts or ends a DHCP client inside, so a lease stays and a new `dhcp` gets none until a restart.
 *
 * @param old The interface as it was; absent for a new one, also one that was made again.
 */
export function updateLink(
  cluster: Cluster,
  ct: Ct,
  old: Property | undefined,
  net: Property,
): void {
  const now = cluster.clock.now();
  const found = ct.links.find(({ name }) => name === net["name"]);
  const link: Link = found ?? {
    name: net["name"] ?? "eth0",
    hwaddr: (net["hwaddr"] ?? "").toLowerCase(),
    inet: undefined,
    inet6: undefined,
    upAt: now,
  };
  const changed: Link = { ...link };
  for (const [key, ip] of [["inet", "ip"], ["inet6", "ip6"]] as const) {
    if (old?.[ip] === net[ip]) continue;
    const [before, after] = [literal(old?.[ip]), literal(net[ip])];
    // A lease is not known to Proxmox: a new address comes beside it.
    if (before === undefined && after !== undefined && link[key] !== undefined) {
      changed.more = [...(link.more ?? []), after];
    } else if (after !== undefined || before === link[key]) changed[key] = after;
    else changed.more = (link.more ?? []).filter((address) => address !== before);
  }
  ct.links = [...ct.links.filter((one) => one !== found), changed];
}

/** The interfaces of a container that starts now, with the addresses they will have. */
export function planLinks(cluster: Cluster, node: SimNode, ct: Ct, now: number): Link[] {
  const { linkMs, dhcpMs } = cluster.timings;
  return netsOf(ct.config).map((net) => {
    const hwaddr = (net["hwaddr"] ?? "").toLowerCase();
    const dhcp = net["ip"] === "dhcp";
    const up = net["link_down"] !== "1";
    const bridge = node.ifaces.find(({ iface }) => iface === net["bridge"]);
    const inet = dhcp ? bridge && lease(cluster, bridge, hwaddr) : literal(net["ip"]);
    return {
      name: net["name"] ?? "eth0",
      hwaddr,
      inet: up ? inet : undefined,
      inet6: up ? literal(net["ip6"]) : undefined,
      upAt: now + (dhcp ? Math.max(dhcpMs, linkMs) : linkMs),
    };
  });
}

function literal(ip: string | undefined): string | undefined {
  return ip?.includes("/") ? ip : undefined;
}

/** The address that DHCP gives to a hardware address; undefined when nothing answers. */
function lease(cluster: Cluster, { cidr, dhcp }: Iface, hwaddr: string): string | undefined {
  if (!dhcp || cidr === undefined) return undefined;
  const known = cluster.leases.get(hwaddr);
  if (known !== undefined) return known;
  const taken = new Set(cluster.leases.values());
  const [net, prefix] = cidr.split("/");
  for (let host = dhcp[0]; host <= dhcp[1]; host++) {
    const address = net?.replace(/\d+$/, `${host}/${prefix}`) ?? "";
    if (taken.has(address)) continue;
    cluster.leases.set(hwaddr, address);
    return address;
  }
  return undefined;
}

/** The link-local address that follows from a hardware address. */
function linkLocal(hwaddr: string): string {
  const bytes = hwaddr.split(":").map((byte) => parseInt(byte, 16));
  const eui = [(bytes[0] ?? 0) ^ 2, ...bytes.slice(1, 3), 0xff, 0xfe, ...bytes.slice(3)];
  const groups = [0, 2, 4, 6].map((i) => ((eui[i] ?? 0) * 256 + (eui[i + 1] ?? 0)).toString(16));
  return `fe80::${groups.join(":")}/64`;
}

/**
 * Reply of GET …/interfaces: null when stopped, then lo and the links without
 * an address, then link-local ones, then all.
 */
export async function interfacesView(cluster: Cluster, ct: Ct): Promise<unknown[] | null> {
  const now = cluster.clock.now();
  if (ct.startedAt === undefined) return null;
  const real = await ct.guest?.links?.();
  if (real) return real.map(({ name, hwaddr, addresses }) => ifaceView(name, hwaddr, addresses));
  const since = now - ct.startedAt;
  const { linkMs } = cluster.timings;
  const loopback = since < linkMs / 2 ? [] : [LOOPBACK.inet, LOOPBACK.inet6];
  return [
    ifaceView("lo", LOOPBACK.hwaddr, loopback),
    ...ct.links.map((link) => {
      const unique = now >= link.upAt + cluster.timings.dadMs;
      const up = now >= link.upAt
        ? [link.inet, ...(link.more ?? []), unique ? link.inet6 : undefined]
        : [];
      const local = since < linkMs || !link.hwaddr ? undefined : linkLocal(link.hwaddr);
      return ifaceView(link.name, link.hwaddr, [...up, local]);
    }),
  ];
}

function ifaceView(
  name: string,
  hwaddr: string | undefined,
  all: readonly (string | undefined)[],
): Record<string, unknown> {
  const addresses = all.filter((address) => address !== undefined);
  const inet = addresses.find((address) => !address.includes(":"));
  const inet6 = addresses.find((address) => address.includes(":"));
  return {
    name,
    hwaddr: hwaddr ?? null,
    "hardware-address": hwaddr ?? null,
    ...(inet === undefined ? {} : { inet }),
    ...(inet6 === undefined ? {} : { inet6 }),
    "ip-addresses": addresses.map((address) => {
      const [ip, prefix] = address.split("/");
      const type = address.includes(":") ? "inet6" : "inet";
      return { "ip-address": ip, "ip-address-type": type, prefix };
    }),
  };
}

/** Cluster as the system inside a container sees it. */
export function surroundings(cluster: Cluster, ct: Ct): GuestSurroundings {
  const up = () => ct.links.filter((link) => cluster.clock.now() >= link.upAt);
  return {
    vmid: ct.vmid,
    halted: () => ct.status === "running" ? markStopped(cluster, ct) : undefined,
    tunnel: (name, addresses) => {
      const inet = addresses.find((address) => !address.includes(":"));
      const inet6 = addresses.find((address) => address.includes(":"));
      const link = {
        name,
        hwaddr: undefined,
        inet: inet && `${inet}/32`,
        inet6: inet6 && `${inet6}/128`,
        upAt: cluster.clock.now(),
      };
      ct.links = [...ct.links.filter((one) => one.name !== name), link];
    },
    hostname: () => nameOf(ct),
    config: () => ct.config,
    addresses: () =>
      up().flatMap(({ name, inet, inet6 }) =>
        [inet, inet6].filter((address) => address !== undefined)
          .map((address) => ({ name, address }))
      ),
    namesResolve: () =>
      up().some(({ inet, inet6, upAt }) =>
        (inet ?? inet6) !== undefined && cluster.clock.now() >= upAt + cluster.timings.dnsMs
      ),
  };
}
