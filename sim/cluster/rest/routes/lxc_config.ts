import { check } from "../../state/access.ts";
import type { Ct } from "../../state/cluster.ts";
import { configView, digestOf, findCt, optionValue } from "../../state/ct/ct.ts";
import { failed, invalid } from "../../state/error.ts";
import { splitList } from "../../state/property.ts";
import { resizeCt } from "../../state/ct/resize.ts";
import { updateCt } from "../../state/ct/update.ts";
import { CT_OPTIONS } from "../ct_schema.ts";
import { type Call, nodeOf, type Params, type Route, vmidOf } from "../route.ts";

const TEXT = { type: "string", optional: true } as const;
const DIGEST = { ...TEXT, maxLength: 40 } as const;
const AUDIT = { path: "/vms/{vmid}", privileges: ["VM.Audit"] };

/** /nodes/N/lxc/ID/config, pending and resize. */
export const LXC_CONFIG: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}/config",
    right: AUDIT,
    params: {
      current: { type: "boolean", optional: true },
      snapshot: { ...TEXT, format: "pve-configid", maxLength: 40 },
    },
    handle: (call) => {
      const ct = findCt(call.cluster, nodeOf(call), vmidOf(call));
      const { snapshot: name, current } = call.params;
      checkEnv(call, ct);
      if (name === undefined) return configView(ct, current === "1");
      const snapshot = ct.snapshots.find((snapshot) => snapshot.name === name);
      if (!snapshot) throw failed(`snapshot '${name}' does not exist`);
      return configView({ ...ct, config: { ...snapshot.config } }, true);
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/lxc/{vmid}/config",
    right: {
      path: "/vms/{vmid}",
      privileges: [
        "VM.Config.Disk",
        "VM.Config.CPU",
        "VM.Config.Memory",
        "VM.Config.Network",
        "VM.Config.Options",
      ],
      any: true,
    },
    params: { ...CT_OPTIONS, digest: DIGEST, delete: TEXT, revert: TEXT },
    handle: (call) => {
      checkNames("revert", call.params);
      checkNames("delete", call.params);
      return updateCt(call.cluster, call.who, nodeOf(call), vmidOf(call), call.params);
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/lxc/{vmid}/pending",
    right: AUDIT,
    handle: pending,
  },
  {
    method: "PUT",
    path: "/nodes/{node}/lxc/{vmid}/resize",
    right: { path: "/vms/{vmid}", privileges: ["VM.Config.Disk"], any: true },
    params: {
      disk: {
        type: "string",
        enum: ["rootfs", ...Array.from({ length: 256 }, (_, n) => `mp${n}`)],
      },
      size: { type: "string", pattern: /^\+?\d+(\.\d+)?[KMGT]?$/ },
      digest: DIGEST,
    },
    handle: (call) => {
      const { disk = "", size = "", digest } = call.params;
      return resizeCt(call.cluster, call.who, nodeOf(call), vmidOf(call), { disk, size, digest });
    },
  },
];

/** Refuses names in a list that are no options, or are set at the same time. */
function checkNames(list: "delete" | "revert", params: Params): void {
  for (const name of splitList(params[list])) {
    if (!Object.hasOwn(CT_OPTIONS, name.replace(/\d+$/, "[n]"))) {
      throw invalid({ [list]: `unknown option '${name}'` });
    }
    if (params[name] !== undefined) {
      throw invalid({ [list]: `you can't use '-${name}' and -${list} ${name}' at the same time` });
    }
  }
}

/** Refuses a reader who may not see the environment, of which the whole configuration then is part. */
function checkEnv({ cluster, who }: Call, { vmid, config, pending }: Ct): void {
  if ((config["env"] ?? pending["env"]) === undefined) return;
  check(cluster, who, `/vms/${vmid}`, ["VM.Config.Options"]);
}

function pending(call: Call): unknown {
  const ct = findCt(call.cluster, nodeOf(call), vmidOf(call));
  checkEnv(call, ct);
  const keys = new Set([...Object.keys(ct.config), ...Object.keys(ct.pending), ...ct.deleting]);
  return [
    ...Array.from(keys, (key) => {
      const value = ct.config[key];
      const next = ct.pending[key];
      return {
        key,
        ...(value === undefined ? {} : { value: optionValue(key, value) }),
        ...(next === undefined ? {} : { pending: optionValue(key, next) }),
        ...(ct.deleting.has(key) ? { delete: 1 } : {}),
      };
    }),
    { key: "digest", value: digestOf(ct) },
  ];
}
