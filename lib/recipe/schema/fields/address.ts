/** An IP address as a number of 32 or 128 bits. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** An address with the length of its network's prefix. */
export interface Cidr extends Address {
  readonly prefix: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;

/** Reads an IPv4 or IPv6 address; undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const four = parseFour(text);
  if (four !== undefined) return { family: 4, bits: four };
  const six = parseSix(text);
  return six === undefined ? undefined : { family: 6, bits: six };
}

/** Reads `address/prefix`; undefined when it is not that. */
export function parseCidr(text: string): Cidr | undefined {
  const found = /^([^/]+)\/([0-9]{1,3})$/.exec(text);
  const address = parseAddress(found?.[1] ?? "");
  const prefix = Number(found?.[2]);
  if (address === undefined || prefix > WIDTH[address.family]) return undefined;
  return { ...address, prefix };
}

/** Whether an address lies in the network of another. */
export function contains(network: Cidr, address: Address): boolean {
  const shift = BigInt(WIDTH[network.family] - network.prefix);
  return network.family === address.family && network.bits >> shift === address.bits >> shift;
}

/** Whether an IPv4 address is the first (the network itself) or last (broadcast) of its network. */
export function isReserved({ family, bits, prefix }: Cidr): boolean {
  if (family === 6 || prefix >= 31) return false;
  const hosts = (1n << BigInt(32 - prefix)) - 1n;
  return (bits & hosts) === 0n || (bits & hosts) === hosts;
}

/** Whether an IPv6 address is valid on one link only (fe80::/10), as routers' addresses often are. */
export function isLinkLocal({ family, bits }: Address): boolean {
  return family === 6 && bits >> 118n === 0xfe80n >> 6n;
}

function parseFour(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function parseSix(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) =>
    half === "" ? [] : groupsOf(half, index === halves.length - 1)
  );
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<bigint>(Math.max(0, missing)).fill(0n), ...tail ?? []];
  return groups.reduce((bits, group) => (bits << 16n) | group, 0n);
}

/** The 16-bit groups of one side of an IPv6 address; the address may end in an IPv4 address. */
function groupsOf(text: string, isEnd: boolean): bigint[] | undefined {
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const four = isEnd && index === parts.length - 1 ? parseFour(part) : undefined;
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
