import { tagList } from "./change.ts";
import type { Cluster } from "../cluster.ts";
import { isMount } from "./ct.ts";
import { failed } from "../error.ts";
import { NET, parseProperty, printProperty, splitList } from "../property.ts";

/** Refuses devices that the node has not. */
export function checkHost(
  cluster: Cluster,
  node: string,
  config: Readonly<Record<string, string>>,
): void {
  for (const [key, value] of Object.entries(config)) {
    const path = /^dev\d+$/.test(key) ? /^(?:path=)?([^,]+)/.exec(value)?.[1] : undefined;
    if (path !== undefined && !cluster.nodes.get(node)?.pathExists(path)) {
      throw failed(`Device ${path} does not exist`);
    }
  }
}

/** The options of a create as they stand in the configuration file, besides its mount points. */
export function normalised(
  cluster: Cluster,
  config: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).filter(([key]) => !isMount(key)).map(([key, value]) => [
      key,
      /^net\d+$/.test(key) ? printNet(cluster, value) : staged(cluster, key, value),
    ]),
  );
}

/** The value of an option as a change of the configuration keeps it. */
export function staged(cluster: Cluster, key: string, value: string): string {
  if (key === "tags") return tagList(cluster, value).join(";");
  if (key === "nameserver" || key === "searchdomain") return splitList(value).join(" ");
  if (key === "description") return value === "" || value.endsWith("\n") ? value : `${value}\n`;
  return value;
}

/** An interface with its type, and a hardware address if it has none. */
export function printNet(cluster: Cluster, value: string): string {
  const net = parseProperty(value, NET);
  return printProperty({ hwaddr: newMac(cluster), ...net, type: "veth" }, NET);
}

function newMac(cluster: Cluster): string {
  const bytes = crypto.getRandomValues(new Uint8Array(3));
  const tail = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0").toUpperCase());
  return [cluster.options.macPrefix, ...tail].join(":");
}
