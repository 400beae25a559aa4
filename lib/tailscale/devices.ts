import { fieldsOf, type TailscaleClient, textOf, textsOf } from "./client.ts";
import { TailscaleError } from "./errors.ts";

/** A node of a tailnet. */
export interface Device {
  /** The id that nothing else ever gets. */
  readonly id: string;
  /** Its name in the tailnet, in full: `web-1.example.ts.net`. */
  readonly name: string;
  /** Name that the machine gives itself. */
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** `nodekey:…`, as the node itself knows it. */
  readonly nodeKey: string;
  readonly os: string;
  readonly tags: readonly string[];
  /** RFC 3339; empty where the API does not say. */
  readonly lastSeen: string;
}

/** Every node of the tailnet, by name. */
export async function devices(client: TailscaleClient, signal?: AbortSignal): Promise<Device[]> {
  const path = client.inTailnet("devices");
  const what = "list the nodes of the tailnet";
  const { devices: found } = fieldsOf(await client.call({ method: "GET", path, what, signal }));
  const list = Array.isArray(found) ? found.map(fieldsOf) : [];
  return list.map((one): Device => ({
    id: textOf(one["nodeId"]) || textOf(one["id"]),
    name: textOf(one["name"]),
    hostname: textOf(one["hostname"]),
    addresses: textsOf(one["addresses"]),
    nodeKey: textOf(one["nodeKey"]),
    os: textOf(one["os"]),
    tags: textsOf(one["tags"]),
    lastSeen: textOf(one["lastSeen"]),
  })).sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The address of a node, for those who say beforehand what they will do. */
export function devicePath(id: string): string {
  return `/device/${encodeURIComponent(id)}`;
}

/** Takes a node out of the tailnet; says whether it was there. */
export async function deleteDevice(
  client: TailscaleClient,
  id: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const what = "remove a node from the tailnet";
  try {
    await client.call({ method: "DELETE", path: devicePath(id), what, signal });
    return true;
  } catch (error) {
    if (error instanceof TailscaleError && error.status === 404) return false;
    throw error;
  }
}
