import type { Cluster, Ct } from "../cluster.ts";
import { printNet } from "./config_text.ts";
import { isHostPath } from "./ct.ts";
import { failed, PveError } from "../error.ts";
import { hasBridge, updateLink } from "./network.ts";
import { applyMount, type Draft, type OptionErrors, removeOption, setOption } from "./pending.ts";
import { MOUNT, NET, parseProperty, printProperty, type Property } from "../property.ts";

/** Options that are only text to a running container. */
const TEXT = /^(cores|description|hookscript|hostname|lock|onboot|protection|startup|tags)$/;
/** Options that can be deleted while it runs; of the network only the first ten. */
const DELETABLE = /^(cpulimit|cpuunits|net\d|swap|unused\d+)$/;
/** Options that take effect while it runs. */
const LIVE = /^(cpulimit|cpuunits|memory|swap|net\d+|mp\d+|dev\d+)$/;

/**
 * Applies to a running container what can be; the rest stays pending. An interface that changes
 * writes the configuration at once, with all that was done until then.
 *
 * @param save Writes the draft.
 * @returns Errors by option. The caller then writes nothing more, and what took effect stays.
 */
export function hotplug(
  cluster: Cluster,
  ct: Ct,
  draft: Draft,
  selected: ReadonlySet<string>,
  save: () => void,
): OptionErrors {
  const errors: OptionErrors = {};
  const { config, pending, deleting } = draft;
  const chosen = (keys: Iterable<string>, pattern: RegExp): string[] =>
    [...keys].filter((key) => selected.has(key) && pattern.test(key)).sort();
  const each = (keys: readonly string[], apply: (key: string) => void): void => {
    for (const key of keys) {
      try {
        apply(key);
      } catch (error) {
        if (!(error instanceof PveError)) throw error;
        errors[key] = `unable to hotplug ${key}: ${error.message}\n`;
      }
    }
  };
  for (const key of chosen(Object.keys(pending), TEXT)) setOption(draft, key, pending[key] ?? "");
  each(chosen(deleting, new RegExp(`${TEXT.source}|${DELETABLE.source}`)), (key) => {
    const name = parseProperty(config[key] ?? "", NET)["name"];
    if (/^net/.test(key)) ct.links = ct.links.filter((link) => link.name !== name);
    removeOption(cluster, ct, draft, key);
  });
  each(chosen(Object.keys(pending), LIVE), (key) => {
    const value = pending[key] ?? "";
    if (/^net/.test(key)) return plugNet(cluster, ct, draft, key, save);
    // What is there already changes at the next start.
    if (/^(mp|dev)/.test(key) && config[key] !== undefined) return;
    setOption(draft, key, /^mp/.test(key) ? plugMount(cluster, ct, draft, key) : value);
  });
  return errors;
}

function plugMount(cluster: Cluster, ct: Ct, draft: Draft, key: string): string {
  const volume = parseProperty(draft.pending[key] ?? "", MOUNT)["volume"] ?? "";
  if (isHostPath(volume) && !cluster.nodes.get(ct.node)?.pathExists(volume)) {
    throw failed(`directory '${volume}' does not exist`);
  }
  return applyMount(cluster, ct, draft, key);
}

/** Properties of a link before its addresses are set. */
const LINK_KEYS = ["bridge", "firewall", "hwaddr", "link_down", "name", "tag", "type"];

function plugNet(cluster: Cluster, ct: Ct, draft: Draft, key: string, save: () => void): void {
  const value = printNet(cluster, draft.pending[key] ?? "");
  const net = parseProperty(value, NET);
  const before = draft.config[key];
  const old = before === undefined ? undefined : parseProperty(before, NET);
  const remade = !old || old["hwaddr"] !== net["hwaddr"] || old["name"] !== net["name"];
  if (old && remade) {
    delete draft.config[key];
    ct.links = ct.links.filter(({ name }) => name !== old["name"]);
    save();
  }
  checkPlug(cluster, ct, remade ? undefined : old, key, net);
  const kept = remade ? pick(net, LINK_KEYS) : { ...old, ...pick(net, [...LINK_KEYS, "rate"]) };
  draft.config[key] = printProperty(kept, NET);
  save();
  updateLink(cluster, ct, remade ? undefined : old, net);
  setOption(draft, key, value);
}

/** Refuses what the node cannot plug: no such bridge, a VLAN on one without ports, a name twice. */
function checkPlug(
  cluster: Cluster,
  ct: Ct,
  old: Property | undefined,
  key: string,
  { bridge, tag, ...net }: Property,
): void {
  const node = cluster.nodes.get(ct.node);
  if (bridge === undefined || !node) return;
  const plugged = ["firewall", "link_down"].some((key) =>
    (old?.[key] ?? "0") !== (net[key] ?? "0")
  );
  if (old && old["bridge"] === bridge && old["tag"] === tag && !plugged) return;
  if (!hasBridge(node, bridge)) {
    throw failed(
      old ? `interface ${bridge} does not exist\n` : `bridge '${bridge}' does not exist`,
    );
  }
  const isolated = node.ifaces.find(({ iface }) => iface === bridge)?.isolated === true;
  if (tag !== undefined && isolated) {
    throw failed(`no physical interface on bridge '${bridge}'\n`);
  }
  if (net["trunks"] !== undefined && isolated) {
    const at = "/usr/share/perl5/PVE/Network.pm line 541.";
    throw failed(`vlan aware feature need to be enabled to use trunks at ${at}\n`);
  }
  if (!old && ct.links.some(({ name }) => name === net["name"])) {
    const peer = `veth${ct.vmid}i${key.slice(3)}p`;
    const command = `lxc-device -n ${ct.vmid} add ${peer} ${net["name"]}`;
    throw failed(`command '${command}' failed: exit code 2`);
  }
}

function pick(property: Property, keys: readonly string[]): Property {
  return Object.fromEntries(Object.entries(property).filter(([key]) => keys.includes(key)));
}
