import ipaddr from "../../../../deps/ipaddr.ts";

/** An IPv4 or IPv6 address. */
export type Address = InstanceType<typeof ipaddr.IPv4> | InstanceType<typeof ipaddr.IPv6>;

/** An address with the length of its network's prefix. */
export interface Cidr {
  readonly address: Address;
  readonly prefix: number;
}

/** Reads an IPv4 address in four decimal parts, or an IPv6 one without a zone; undefined for others. */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return !text.includes("%") && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

/** 4 or 6; undefined for what is no address. */
export function familyOf(text: string): 4 | 6 | undefined {
  const kind = parseAddress(text)?.kind();
  return kind === undefined ? undefined : kind === "ipv4" ? 4 : 6;
}

/** Reads `address/prefix`; undefined for others. */
export function parseCidr(text: string): Cidr | undefined {
  const [, word = "", bits] = /^([^/]+)\/([0-9]{1,3})$/.exec(text) ?? [];
  const address = parseAddress(word);
  const prefix = Number(bits);
  if (!address || prefix > 8 * address.toByteArray().length) return undefined;
  return { address, prefix };
}

/** True if an address is in the network of another. */
export function contains({ address, prefix }: Cidr, other: Address): boolean {
  return address.kind() === other.kind() && other.match(address, prefix);
}

/** True for an IPv4 address that is the first (the network itself) or last (broadcast) of its network. */
export function isReserved({ address, prefix }: Cidr): boolean {
  if (address.kind() === "ipv6" || prefix >= 31) return false;
  const cidr = `${address}/${prefix}`;
  const ends = [
    ipaddr.IPv4.networkAddressFromCIDR(cidr),
    ipaddr.IPv4.broadcastAddressFromCIDR(cidr),
  ];
  return ends.some((end) => `${end}` === `${address}`);
}

/** True for an IPv6 address of one link only (fe80::/10), as those of routers often are. */
export function isLinkLocal(address: Address): boolean {
  return address.kind() === "ipv6" && address.range() === "linkLocal";
}
