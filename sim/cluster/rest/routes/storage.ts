import type { Volume } from "../../state/cluster.ts";
import { splitList } from "../../state/property.ts";
import {
  findStorage,
  findVolume,
  seesStorage,
  STORAGE_READ,
  storagesOn,
  storageView,
  volumesOn,
} from "../../state/storage.ts";
import { failed } from "../../state/error.ts";
import { applianceView, deleteVolume, downloadTemplate } from "../../state/template.ts";
import { type Call, nodeOf, type Route } from "../route.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TEXT = { type: "string", optional: true } as const;
const STORAGE_ID = { ...TEXT, format: "pve-storage-id" } as const;
const READ = { path: "/storage/{storage}", privileges: STORAGE_READ, any: true };

/** /storage, /nodes/N/storage and /nodes/N/aplinfo. */
export const STORAGE: readonly Route[] = [
  {
    method: "GET",
    path: "/storage",
    params: { type: TEXT },
    handle: ({ cluster, who }) =>
      [...cluster.storages.values()].filter(({ id }) => seesStorage(cluster, who, id))
        .map(({ id, type, content, path }) => ({
          storage: id,
          type,
          content: content.join(","),
          digest: "0".repeat(40),
          ...(path === undefined ? {} : { path }),
        })),
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage",
    params: {
      content: TEXT,
      enabled: FLAG,
      format: FLAG,
      storage: STORAGE_ID,
      target: { ...TEXT, format: "pve-node" },
    },
    handle: list,
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/status",
    right: READ,
    handle: (call) => {
      const { cluster, at } = call;
      const storage = findStorage(cluster, nodeOf(call), at["storage"] ?? "");
      return storageView(cluster, nodeOf(call), storage);
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/content",
    right: READ,
    params: {
      content: TEXT,
      vmid: { type: "integer", optional: true, format: "pve-vmid" },
    },
    handle: (call) => {
      const { cluster, at, params } = call;
      const { id } = findStorage(cluster, nodeOf(call), at["storage"] ?? "");
      const kinds = splitList(params["content"]);
      return volumesOn(cluster, nodeOf(call), id)
        .filter(({ content }) => kinds.length === 0 || kinds.includes(content))
        .filter(({ vmid }) => params["vmid"] === undefined || `${vmid}` === params["vmid"])
        .map(volumeView);
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    right: READ,
    handle: (call) => {
      const volume = findVolume(call.cluster, nodeOf(call), volidOf(call));
      if (!volume) throw failed(`volume '${volidOf(call)}' does not exist`);
      return volumeView(volume);
    },
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    params: { delay: { type: "integer", optional: true, min: 1, max: 30 } },
    handle: (call) => deleteVolume(call.cluster, call.who, nodeOf(call), volidOf(call)),
  },
  {
    method: "GET",
    path: "/nodes/{node}/aplinfo",
    handle: ({ cluster }) => cluster.appliances.map(applianceView),
  },
  {
    method: "POST",
    path: "/nodes/{node}/aplinfo",
    params: {
      storage: { type: "string", format: "pve-storage-id" },
      template: { type: "string", maxLength: 255 },
    },
    handle: (call) => {
      const { storage = "", template = "" } = call.params;
      return downloadTemplate(call.cluster, call.who, nodeOf(call), { storage, template });
    },
  },
];

function list(call: Call): unknown {
  const { cluster, who, params } = call;
  const kinds = splitList(params["content"]);
  const only = params["storage"];
  return storagesOn(cluster, nodeOf(call))
    .filter(({ id }) => seesStorage(cluster, who, id) && (only === undefined || only === id))
    .filter(({ enabled }) => enabled || params["enabled"] !== "1")
    .filter(({ content }) => kinds.length === 0 || kinds.some((kind) => content.includes(kind)))
    .map((storage) => {
      const view = storageView(cluster, nodeOf(call), storage);
      const { used, total } = view;
      const fraction = Number(total) > 0 && { used_fraction: Number(used) / Number(total) };
      return { storage: storage.id, ...view, ...fraction };
    });
}

/** A volume of a path may be given with or without its storage. */
function volidOf({ at }: Call): string {
  const { storage = "", volume = "" } = at;
  return volume.includes(":") ? volume : `${storage}:${volume}`;
}

function volumeView(
  { volid, content, format, size, ctime, vmid }: Volume,
): Record<string, unknown> {
  return { volid, content, format, size, ctime, ...(vmid === undefined ? {} : { vmid }) };
}
