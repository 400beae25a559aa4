import { mayAny } from "../../state/access.ts";
import type { Cluster, Iface, SimNode } from "../../state/cluster.ts";
import { failed } from "../../state/error.ts";
import { nodeLoad, nodeView } from "../../state/views.ts";
import { type Call, nodeOf, type Route } from "../route.ts";
import { seconds } from "../../state/time.ts";

const AUDIT = { path: "/nodes/{node}", privileges: ["Sys.Audit"] };
const IFACE_TYPES =
  ("bridge bond eth alias vlan fabric OVSBridge OVSBond OVSPort OVSIntPort vnet " +
    "any_bridge any_local_bridge include_sdn").split(" ");

/** /nodes and what describes one node. */
export const NODES: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes",
    handle: ({ cluster, who }) =>
      Array.from(cluster.nodes.values(), (node) => ({
        ...nodeView(cluster, who, node),
        ssl_fingerprint: cluster.fingerprint,
      })),
  },
  {
    method: "GET",
    path: "/nodes/{node}",
    handle: () =>
      ("aplinfo dns lxc network status storage tasks time version").split(" ")
        .map((name) => ({ name })),
  },
  { method: "GET", path: "/nodes/{node}/version", handle: ({ cluster }) => cluster.version },
  {
    method: "GET",
    path: "/nodes/{node}/status",
    right: AUDIT,
    handle: (call) => status(call.cluster, simNode(call)),
  },
  {
    method: "GET",
    path: "/nodes/{node}/network",
    params: { type: { type: "string", optional: true, enum: IFACE_TYPES } },
    handle: (call) => {
      const wanted = call.params["type"];
      return simNode(call).ifaces.filter((iface) =>
        (wanted === undefined || iface.type === wanted ||
          (/^any_/.test(wanted) && isBridge(iface))) &&
        (!isBridge(iface) || seesBridge(call, iface.iface))
      ).map(ifaceView);
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/dns",
    right: AUDIT,
    handle: (call) =>
      Object.fromEntries(simNode(call).dns.map((address, i) => [`dns${i + 1}`, address])),
  },
  {
    method: "GET",
    path: "/nodes/{node}/time",
    right: AUDIT,
    handle: (call) => {
      const time = seconds(call.cluster);
      return { time, localtime: time, timezone: simNode(call).timezone };
    },
  },
];

function simNode(call: Call): SimNode {
  const node = call.cluster.nodes.get(nodeOf(call));
  if (!node) throw failed(`node '${nodeOf(call)}' is gone`);
  return node;
}

function isBridge({ type }: Iface): boolean {
  return type === "bridge" || type === "OVSBridge";
}

function seesBridge({ cluster, who }: Call, bridge: string): boolean {
  return mayAny(cluster, who, `/sdn/zones/localnetwork/${bridge}`, ["SDN.Audit", "SDN.Use"]);
}

function ifaceView(iface: Iface, index: number): Record<string, unknown> {
  const [address, netmask] = iface.cidr?.split("/") ?? [];
  const bridge = { bridge_ports: iface.ports ?? "", bridge_stp: "off", bridge_fd: "0" };
  return {
    iface: iface.iface,
    type: iface.type,
    active: 1,
    autostart: 1,
    families: ["inet"],
    method: address === undefined ? "manual" : "static",
    method6: "manual",
    priority: index + 3,
    ...(iface.type === "bridge" ? bridge : { exists: 1 }),
    ...(address === undefined ? {} : { address, netmask, cidr: iface.cidr }),
    ...(iface.gateway === undefined ? {} : { gateway: iface.gateway }),
  };
}

function status(cluster: Cluster, node: SimNode): Record<string, unknown> {
  const { cpu, mem = 0, maxmem = 0, disk = 0, maxdisk = 0, uptime } = nodeLoad(cluster, node);
  const { version, repoid } = cluster.version;
  return {
    cpu,
    uptime,
    wait: 0,
    idle: 0,
    loadavg: ["0.10", "0.12", "0.09"],
    pveversion: `pve-manager/${version}/${repoid}`,
    kversion: "Linux 6.14.8-2-pve #1 SMP PREEMPT_DYNAMIC",
    "current-kernel": {
      sysname: "Linux",
      release: "6.14.8-2-pve",
      version: "#1 SMP PREEMPT_DYNAMIC",
      machine: "x86_64",
    },
    "boot-info": { mode: "legacy-bios" },
    cpuinfo: {
      model: "Simulated CPU",
      vendor: "pxrun",
      family: "25",
      mhz: "2400.000",
      flags: "fpu lm hypervisor",
      cores: node.cpus,
      cpus: node.cpus,
      sockets: 1,
      user_hz: 100,
      hvm: "",
    },
    memory: { total: maxmem, used: mem, free: maxmem - mem, available: maxmem - mem },
    rootfs: { total: maxdisk, used: disk, free: maxdisk - disk, avail: maxdisk - disk },
    swap: { total: 0, used: 0, free: 0 },
    ksm: { shared: 0 },
  };
}
