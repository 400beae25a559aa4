import { parseRecipe, type Recipe } from "../../lib/recipe/mod.ts";
import type { NodeFacts, Snapshot } from "../../lib/plan/snapshot.ts";

export const GiB = 2 ** 30;

/** A recipe from its container and provisioning parts, as YAML flow or block text. */
export function recipe(container: string, provisioning = ""): Recipe {
  const text = `version: "1.0"
container: { hostname: web-1, template: debian-13, ${container} }
${provisioning === "" ? "" : `provisioning: ${provisioning}\n`}`;
  return parseRecipe(text, { file: "web.yaml", env: {} });
}

/** A node that can take anything, changed where a test says so. */
export function node(name: string, changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    node: name,
    online: true,
    freeMemory: 8 * GiB,
    storages: [
      { storage: "local", active: true, content: ["vztmpl", "iso"], avail: 50 * GiB },
      { storage: "local-lvm", active: true, content: ["rootdir", "images"], avail: 100 * GiB },
    ],
    bridges: ["vmbr0", "vmbr1"],
    templates: [{
      volid: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
      file: "debian-13-standard_13.1-2_amd64.tar.zst",
    }],
    index: ["debian-13-standard_13.1-2_amd64.tar.zst", "alpine-3.22-default_20250617_amd64.tar.xz"],
    ...changes,
  };
}

/** A cluster of one node and a token that may do everything, changed where a test says so. */
export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  const all = [
    "VM.Allocate",
    "VM.Audit",
    "VM.PowerMgmt",
    "VM.Config.Disk",
    "VM.Config.CPU",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.Options",
    "Datastore.AllocateSpace",
    "Datastore.AllocateTemplate",
    "Pool.Audit",
    "SDN.Use",
    "Sys.Modify",
  ];
  return {
    release: "9.2",
    nodes: [node("pve01")],
    names: { containers: [], unread: [], nodes: ["pve01"] },
    guests: [],
    pools: [],
    permissions: { "/": Object.fromEntries(all.map((privilege) => [privilege, true])) },
    tokenId: "pxrun@pve!test",
    nextVmid: 100,
    addressesInUse: [],
    localFiles: {},
    ...changes,
  };
}
