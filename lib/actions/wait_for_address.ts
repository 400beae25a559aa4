import { waitForAddress } from "../cluster/guests/address.ts";
import type { NetworkInterface } from "../recipe/schema/types.ts";
import { type ClusterModule, targetOf } from "./context.ts";

/** A container that was started gets the addresses that its network interfaces are to have. */
export interface WaitForAddress {
  readonly kind: "wait-for-address";
  readonly id: "address";
  readonly node: string;
  readonly vmid: number;
  readonly network: readonly NetworkInterface[];
}

export const waitForAddresses: ClusterModule<WaitForAddress> = {
  describe: ({ node, vmid }) => ({
    title: "wait for an address",
    by: "API",
    call: `GET /nodes/${node}/lxc/${vmid}/interfaces`,
  }),
  async run({ network }, context) {
    const { cluster, signal } = context;
    const addresses = await waitForAddress(cluster, targetOf(context), network, signal);
    context.addresses = addresses;
    return { done: `address ${addresses.map(({ address }) => address).join(" ")}` };
  },
};
