import { isIP } from "node:net";
import { Fields, readList } from "../../http/read.ts";
import type { Rest } from "../../http/rest.ts";
import { path } from "../../http/wire.ts";

/** An address inside a container. */
export interface Address {
  readonly family: "inet" | "inet6";
  readonly address: string;
  /** The length of its network's prefix, in bits. */
  readonly prefix: number | undefined;
}

/** A network interface inside a container; `lo` is one of them. */
export interface LxcInterface {
  readonly name: string;
  /** Absent where the link layer has none: tun, wg, ppp, sit. */
  readonly hwaddr: string | undefined;
  /** None yet right after the start; link-local ones are among them. */
  readonly addresses: readonly Address[];
}

/** The interfaces of a running container; none of a stopped one. */
export async function interfaces(rest: Rest, node: string, vmid: number): Promise<LxcInterface[]> {
  const what = path`/nodes/${node}/lxc/${vmid}/interfaces`;
  return readList(await rest.get(what) ?? [], what, (fields) => ({
    name: fields.text("name"),
    hwaddr: fields.optionalWord("hwaddr"),
    addresses: (fields.optionalList("ip-addresses", readAddress) ?? readCidrs(fields))
      .filter(isAddress),
  }));
}

function readAddress(fields: Fields): Address {
  return {
    family: fields.text("ip-address-type") === "inet6" ? "inet6" : "inet",
    address: fields.text("ip-address"),
    prefix: fields.optionalNumber("prefix"),
  };
}

/** Older nodes give one address of each family, as `10.0.0.5/24`. */
function readCidrs(fields: Fields): Address[] {
  return (["inet", "inet6"] as const).flatMap((family) => {
    const [address, prefix] = fields.optionalText(family)?.split("/") ?? [];
    return address === undefined ? [] : [{ family, address, prefix: Number(prefix) }];
  });
}

/** Anything else there is dropped: an address becomes part of commands that people copy. */
function isAddress({ family, address }: Address): boolean {
  return isIP(address) === (family === "inet" ? 4 : 6);
}
