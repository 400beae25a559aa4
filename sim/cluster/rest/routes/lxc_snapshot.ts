import { findCt } from "../../state/ct/ct.ts";
import {
  deleteSnapshot,
  makeSnapshot,
  rollbackSnapshot,
  snapshotList,
} from "../../state/ct/snapshot.ts";
import { nodeOf, type Route, vmidOf } from "../route.ts";

const FLAG = { type: "boolean", optional: true } as const;
const SNAPSHOT = { path: "/vms/{vmid}", privileges: ["VM.Snapshot"] };

/** /nodes/N/lxc/ID/snapshot. */
export const LXC_SNAPSHOT: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}/snapshot",
    right: { path: "/vms/{vmid}", privileges: ["VM.Audit"] },
    handle: (call) => snapshotList(findCt(call.cluster, nodeOf(call), vmidOf(call))),
  },
  {
    method: "POST",
    path: "/nodes/{node}/lxc/{vmid}/snapshot",
    right: SNAPSHOT,
    params: {
      snapname: { type: "string", format: "pve-configid", maxLength: 40 },
      description: { type: "string", optional: true },
    },
    handle: (call) => {
      const { snapname: name = "", description } = call.params;
      return makeSnapshot(call.cluster, call.who, nodeOf(call), vmidOf(call), {
        name,
        description,
      });
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback",
    right: {
      path: "/vms/{vmid}",
      privileges: ["VM.Snapshot", "VM.Snapshot.Rollback"],
      any: true,
    },
    params: { start: FLAG },
    handle: (call) => {
      const name = call.at["snapname"] ?? "";
      return rollbackSnapshot(call.cluster, call.who, nodeOf(call), vmidOf(call), name);
    },
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}",
    right: SNAPSHOT,
    params: { force: FLAG },
    handle: (call) => {
      const name = call.at["snapname"] ?? "";
      return deleteSnapshot(call.cluster, call.who, nodeOf(call), vmidOf(call), name);
    },
  },
];
