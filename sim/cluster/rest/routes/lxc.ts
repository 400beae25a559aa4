import { may } from "../../state/access.ts";
import { cloneCt } from "../../state/ct/clone.ts";
import { createCt } from "../../state/ct/create.ts";
import { findCt } from "../../state/ct/ct.ts";
import { destroyCt } from "../../state/ct/destroy.ts";
import { canSnapshot } from "../../state/ct/snapshot.ts";
import { interfacesView } from "../../state/ct/network.ts";
import { statusView } from "../../state/views.ts";
import { CT_CREATE } from "../ct_schema.ts";
import { nodeOf, type Route, vmidOf } from "../route.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TEXT = { type: "string", optional: true } as const;
const AUDIT = { path: "/vms/{vmid}", privileges: ["VM.Audit"] };

/** /nodes/N/lxc: the list, making and destroying. */
export const LXC: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/lxc",
    handle: (call) =>
      [...call.cluster.cts.values()].filter((ct) => ct.node === nodeOf(call))
        .filter(({ vmid }) => may(call.cluster, call.who, `/vms/${vmid}`, ["VM.Audit"]))
        .sort((a, b) => a.vmid - b.vmid)
        .map((ct) => statusView(call.cluster, ct)),
  },
  {
    method: "POST",
    path: "/nodes/{node}/lxc",
    params: CT_CREATE,
    handle: (call) => createCt(call.cluster, call.who, nodeOf(call), call.params),
  },
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}",
    handle: (call) => {
      findCt(call.cluster, nodeOf(call), vmidOf(call));
      return "config pending status interfaces snapshot clone feature resize".split(" ")
        .map((subdir) => ({ subdir }));
    },
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/lxc/{vmid}",
    right: { path: "/vms/{vmid}", privileges: ["VM.Allocate"] },
    params: { force: FLAG, purge: FLAG, "destroy-unreferenced-disks": FLAG },
    handle: (call) => destroyCt(call.cluster, call.who, nodeOf(call), vmidOf(call), call.params),
  },
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}/interfaces",
    right: AUDIT,
    handle: (call) =>
      interfacesView(call.cluster, findCt(call.cluster, nodeOf(call), vmidOf(call))),
  },
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}/feature",
    right: AUDIT,
    params: {
      feature: { type: "string", enum: ["snapshot", "clone", "copy"] },
      snapname: { ...TEXT, format: "pve-configid", maxLength: 40 },
    },
    handle: (call) => {
      const ct = findCt(call.cluster, nodeOf(call), vmidOf(call));
      return {
        hasFeature: Number(call.params["feature"] === "copy" || canSnapshot(call.cluster, ct)),
      };
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/lxc/{vmid}/clone",
    right: { path: "/vms/{vmid}", privileges: ["VM.Clone"] },
    params: {
      newid: { type: "integer", format: "pve-vmid" },
      hostname: { ...TEXT, format: "dns-name" },
      description: TEXT,
      full: FLAG,
      pool: { ...TEXT, format: "pve-poolid" },
      snapname: { ...TEXT, format: "pve-configid", maxLength: 40 },
      storage: { ...TEXT, format: "pve-storage-id" },
      target: { ...TEXT, format: "pve-node" },
      bwlimit: { type: "number", optional: true, min: 0 },
    },
    handle: (call) => cloneCt(call.cluster, call.who, nodeOf(call), vmidOf(call), call.params),
  },
];
