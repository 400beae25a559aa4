import { tagList } from "./change.ts";
import type { Cluster } from "../cluster.ts";
import { isMount } from "./ct.ts";
import { failed } from "../error.ts";
import { NET, parseProperty, printProperty } from "../property.ts";

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

/** Options as they stand in the configuration file. */
export function normalised(
  cluster: Cluster,
  config: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).filter(([key]) => !isMount(key)).map(([key, value]) => {
      if (key === "tags") return [key, tagList(cluster, value).join(";")];
      if (key === "description") return [key, value.endsWith("\n") ? value : `${value}\n`];
      if (!/^net\d+$/.test(key)) return [key, value];
      const net = parseProperty(value, NET);
      return [key, printProperty({ hwaddr: newMac(cluster), ...net, type: "veth" }, NET)];
    }),
  );
}

function newMac(cluster: Cluster): string {
  const bytes = crypto.getRandomValues(new Uint8Array(3));
  const tail = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0").toUpperCase());
  return [cluster.options.macPrefix, ...tail].join(":");
}
