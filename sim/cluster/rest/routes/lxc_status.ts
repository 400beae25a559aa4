import { findCt } from "../../state/ct/ct.ts";
import {
  rebootCt,
  resumeCt,
  shutdownCt,
  startCt,
  stopCt,
  suspendCt,
} from "../../state/ct/power.ts";
import { statusView } from "../../state/views.ts";
import type { Schema } from "../check.ts";
import { nodeOf, type Route, vmidOf } from "../route.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TIMEOUT = { type: "integer", optional: true, min: 0 } as const;
const AUDIT = { path: "/vms/{vmid}", privileges: ["VM.Audit"] };

function power(name: string, act: typeof startCt, params: Schema = {}): Route {
  return {
    method: "POST",
    path: `/nodes/{node}/lxc/{vmid}/status/${name}`,
    right: { path: "/vms/{vmid}", privileges: ["VM.PowerMgmt"] },
    params,
    handle: (call) => act(call.cluster, call.who, nodeOf(call), vmidOf(call), call.params),
  };
}

/** /nodes/N/lxc/ID/status. */
export const LXC_STATUS: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}/status",
    handle: (call) => {
      findCt(call.cluster, nodeOf(call), vmidOf(call));
      return "current start stop shutdown reboot migrate".split(" ").map((subdir) => ({ subdir }));
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}/status/current",
    right: AUDIT,
    handle: (call) => ({
      ...statusView(call.cluster, findCt(call.cluster, nodeOf(call), vmidOf(call))),
      ha: { managed: call.cluster.managed.has(vmidOf(call)) ? 1 : 0 },
    }),
  },
  power("start", startCt, { skiplock: FLAG, debug: FLAG }),
  power("stop", stopCt, { skiplock: FLAG, "overrule-shutdown": FLAG }),
  power("shutdown", shutdownCt, { timeout: TIMEOUT, forceStop: FLAG }),
  power("reboot", rebootCt, { timeout: TIMEOUT }),
  power("suspend", suspendCt),
  power("resume", resumeCt),
];
