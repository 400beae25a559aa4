import { callAndWait, makeCt } from "../../sim/tests/cluster.ts";
import type { Cluster, Simulator } from "../../sim/mod.ts";
import type { Tailnet } from "../support/tailnet.ts";

/** The one container of every scene. */
export const HOSTNAME = "web-1";
/** The directory of the node that the create makes for its bind mount. */
export const FOLDER = "/srv/new";
/** What stands in the container's /etc/app.conf in the end. */
export const CONTENT = "made by pxrun";

/** A command line, on a cluster as it is before. */
export interface Scene {
  readonly name: "create" | "provision" | "destroy" | "destroy by SSH alone";
  /** How it logs in; by token where this is absent. */
  readonly login?: "SSH alone";
  readonly args: readonly string[];
  readonly stdin: string;
  /** Makes the cluster what the command line expects. */
  prepare(simulator: Simulator, tailnet: Tailnet): Promise<void>;
}

const provisioning = `
  files: [{ path: /etc/app.conf, content: "${CONTENT}" }]
  scripts: [{ name: it, content: "sleep 0.1; echo done" }]
`;

const running = { node: "pve01", hostname: HOSTNAME } as const;

/** Template download, directory, bind mount, device, tailnet, start, address, provisioning. */
const create: Scene = {
  name: "create",
  args: ["create", "-", "--make-directories"],
  stdin: `container:
  hostname: ${HOSTNAME}
  template: alpine-3.21
  node: ${running.node}
  mount_points: [{ host: ${FOLDER}/data, container: /data }]
  devices: [{ path: /dev/fuse, group: render }]
provisioning:
  tailscale: true${provisioning}`,
  prepare: () => Promise.resolve(),
};

/** Puts the container there, running, with what Tailscale needs. */
async function makeRunning(cluster: Cluster, options: Record<string, string>): Promise<void> {
  await makeCt(cluster, {
    hostname: HOSTNAME,
    ostemplate: "local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz",
    ...options,
  });
  const ct = cluster.cts.get(100);
  if (ct === undefined) throw new TypeError("no container was made");
  ct.config["dev0"] = "/dev/net/tun";
  await callAndWait(cluster, "POST", "/nodes/pve01/lxc/100/status/start");
}

/** A container that runs already, and that an earlier run has not finished. */
const provision: Scene = {
  name: "provision",
  args: ["provision", HOSTNAME, "-"],
  stdin: `container: { hostname: ${HOSTNAME}, template: alpine-3.22 }
provisioning:
  tailscale: true${provisioning}`,
  prepare: ({ cluster }) => makeRunning(cluster, { tags: "pxrun-failed" }),
};

/** A protected container that runs and has joined a tailnet. */
const destroy: Scene = {
  name: "destroy",
  args: ["destroy", HOSTNAME, "--force", "--yes"],
  stdin: "",
  async prepare({ cluster }, { devices }) {
    await makeRunning(cluster, { protection: "1" });
    devices.push({
      nodeId: "n1CNTRL",
      name: `${HOSTNAME}.example.ts.net`,
      hostname: HOSTNAME,
      nodeKey: "nodekey:1",
      addresses: ["100.64.0.1"],
      tags: ["tag:container"],
    });
  },
};

/** The same by a token that the run itself makes, and removes again. */
const destroyBySsh: Scene = { ...destroy, name: "destroy by SSH alone", login: "SSH alone" };

/** All of them. */
export const SCENES: readonly Scene[] = [create, provision, destroy, destroyBySsh];

/** The scene of this name. */
export function sceneOf(name: string): Scene {
  const scene = SCENES.find((one) => one.name === name);
  if (scene === undefined) throw new TypeError(`there is no scene ${name}`);
  return scene;
}
