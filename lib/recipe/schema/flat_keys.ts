import type { Path } from "../../core/problem.ts";

/** Flat keys of `container`, as the Python original has them, and where they belong. */
export const FLAT_KEYS: Readonly<Record<string, Path>> = {
  cores: ["resources", "cores"],
  cpulimit: ["resources", "cpulimit"],
  memory: ["resources", "memory"],
  swap: ["resources", "swap"],
  storage: ["resources", "storage"],
  storage_pool: ["resources", "storage_pool"],
  network_bridge: ["network", 0, "bridge"],
  network_ip: ["network", 0, "ip"],
  network_gateway: ["network", 0, "gateway"],
};

/** Keys of the whole container that may stand in a network interface too. */
export const HOISTED_KEYS = ["nameserver", "searchdomain"] as const;
