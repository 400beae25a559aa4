import { check, may } from "../../state/access.ts";
import { allowedTags, tagList } from "../../state/ct/change.ts";
import type { Cluster } from "../../state/cluster.ts";
import { failed, invalid } from "../../state/error.ts";
import { parseProperty, splitList } from "../../state/property.ts";
import { taskView } from "../../state/tasks.ts";
import type { Task } from "../../state/cluster.ts";
import { isUp, resources } from "../../state/views.ts";
import { authId } from "../../state/who.ts";
import type { Route } from "../route.ts";

const VMID = { type: "integer", optional: true, format: "pve-vmid" } as const;
const TEXT = { type: "string", optional: true } as const;

/** The root, /version and /cluster. */
export const CLUSTER: readonly Route[] = [
  {
    method: "GET",
    path: "/",
    handle: () =>
      ["version", "cluster", "nodes", "storage", "access", "pools"].map((subdir) => ({ subdir })),
  },
  { method: "GET", path: "/version", handle: ({ cluster }) => cluster.version },
  {
    method: "GET",
    path: "/cluster/nextid",
    params: { vmid: VMID },
    handle: ({ cluster, params }) => nextId(cluster, params["vmid"]),
  },
  {
    method: "GET",
    path: "/cluster/resources",
    params: { type: { ...TEXT, enum: ["vm", "storage", "node", "sdn"] } },
    handle: ({ cluster, who, params }) => resources(cluster, who, params["type"]),
  },
  {
    method: "GET",
    path: "/cluster/status",
    right: { path: "/", privileges: ["Sys.Audit"] },
    handle: ({ cluster }) => status(cluster),
  },
  {
    method: "GET",
    path: "/cluster/tasks",
    handle: ({ cluster, who }) => {
      const all = may(cluster, who, "/", ["Sys.Audit"]);
      return [...cluster.tasks.values()].reverse()
        .filter((task) => all || task.who.user === authId(who)).slice(0, 25).map(recentTask);
    },
  },
  {
    method: "GET",
    path: "/cluster/replication",
    handle: ({ cluster, who }) =>
      [...cluster.replicated]
        .filter(([guest]) => may(cluster, who, `/vms/${guest}`, ["VM.Audit"]))
        .map(([guest, target]) => ({ id: `${guest}-0`, guest, jobnum: 0, type: "local", target })),
  },
  {
    method: "GET",
    path: "/cluster/options",
    handle: ({ cluster, who }) => {
      const { macPrefix, userAllowTags, userAllowList, registeredTags } = cluster.options;
      const style = cluster.options.caseSensitiveTags
        ? { "tag-style": { "case-sensitive": 1 } }
        : {};
      const shown = { "allowed-tags": allowedTags(cluster, who), ...style };
      if (!may(cluster, who, "/", ["Sys.Audit"])) return shown;
      const list = userAllowList.length === 0 ? {} : { "user-allow-list": userAllowList };
      const access = userAllowTags === "free"
        ? {}
        : { "user-tag-access": { "user-allow": userAllowTags, ...list } };
      const registered = registeredTags.length === 0 ? {} : { "registered-tags": registeredTags };
      return { ...shown, ...access, ...registered, description: "", mac_prefix: macPrefix };
    },
  },
  {
    method: "PUT",
    path: "/cluster/options",
    params: { "user-tag-access": TEXT, "registered-tags": TEXT, mac_prefix: TEXT, delete: TEXT },
    handle: ({ cluster, who, params }) => {
      check(cluster, who, "/", ["Sys.Modify"]);
      setOptions(cluster, params);
    },
  },
];

function nextId(cluster: Cluster, wanted: string | undefined): string {
  const taken = (vmid: number) => cluster.cts.has(vmid) || cluster.vms.has(vmid);
  if (wanted !== undefined) {
    if (taken(Number(wanted))) throw invalid({ vmid: `VM ${wanted} already exists` });
    return wanted;
  }
  for (let vmid = 100; vmid < 1_000_000; vmid++) if (!taken(vmid)) return `${vmid}`;
  throw failed("unable to get any free VMID in range [100, 1000000]");
}

function status(cluster: Cluster): Record<string, unknown>[] {
  const member = cluster.name !== undefined;
  const nodes = [...cluster.nodes.values()].map(({ name, ip }, i) => ({
    type: "node",
    id: `node/${name}`,
    name,
    ip,
    nodeid: member ? i + 1 : 0,
    level: "",
    local: Number(i === 0),
    online: Number(isUp(cluster, name)),
  }));
  const head = {
    type: "cluster",
    id: "cluster",
    name: cluster.name,
    nodes: nodes.length,
    quorate: 1,
    version: nodes.length,
  };
  return member ? [head, ...nodes] : nodes;
}

function recentTask(task: Task): Record<string, unknown> {
  const { pid: _pid, pstart: _pstart, ...view } = taskView(task);
  if (task.exitstatus === undefined) return view;
  return { ...view, endtime: task.endtime, status: task.exitstatus, saved: "1" };
}

function setOptions(cluster: Cluster, params: Readonly<Record<string, string>>): void {
  const gone = splitList(params["delete"]);
  const access = params["user-tag-access"];
  const registered = params["registered-tags"];
  const { "user-allow": allow = "free", "user-allow-list": list = "" } = parseProperty(
    access ?? "",
    {
      first: [],
    },
  );
  if (access !== undefined || gone.includes("user-tag-access")) {
    const userAllowTags = (["existing", "list", "none"] as const).find((word) => word === allow);
    cluster.options = {
      ...cluster.options,
      userAllowTags: userAllowTags ?? "free",
      userAllowList: tagList(cluster, list),
    };
  }
  if (registered !== undefined || gone.includes("registered-tags")) {
    cluster.options = { ...cluster.options, registeredTags: tagList(cluster, registered) };
  }
  if (params["mac_prefix"] !== undefined) {
    cluster.options = { ...cluster.options, macPrefix: params["mac_prefix"] };
  }
}
