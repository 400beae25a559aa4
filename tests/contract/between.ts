import type { Cluster } from "../../sim/mod.ts";
import { callApi } from "../../sim/cluster/rest/call.ts";
import { TIMINGS } from "./recorded_node.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What a step may touch. */
export interface Scene {
  readonly cluster: Cluster;
  readonly clock: VirtualClock;
}

/** What is done between two exchanges. */
export type Step = (scene: Scene) => Promise<void> | void;

const SDN = "/sdn/zones/localnetwork";

/**
 * What the recorder did between two exchanges, on the node itself or by
 * waiting: by the name of the exchange that came next.
 */
export const BETWEEN: Readonly<Record<string, Step>> = {
  "interfaces just started": ({ clock }) => clock.advance(1_200),
  "interfaces after 3s": ({ clock }) => clock.advance(3_000),
  "resources with a running container": ({ clock }) => clock.advance(2_000),
  "locked (backup): POST /200/status/stop": setConfig(200, { lock: "backup" }),
  "protection on": ({ cluster }) => {
    delete cluster.cts.get(200)?.config["lock"];
  },
  "create as pool user without SDN.Use": ({ cluster }) => removeAcl(cluster, SDN),
  "create as pool user with SDN.Use on the bridge only": ({ cluster }) =>
    addAcl(cluster, `${SDN}/vmbr0`, "PVESDNUser"),
  "create as pool user without any storage privilege": ({ cluster }) =>
    removeAcl(cluster, "/storage/local"),
  "create as op with tags": ({ cluster }) => {
    removeAcl(cluster, `${SDN}/vmbr0`);
    addAcl(cluster, SDN, "PVESDNUser");
    addAcl(cluster, "/storage/local", "PVEDatastoreUser");
  },
  "create minimal (task ends with a warning)": async (scene) => {
    await destroy(scene, 201);
  },
  "interfaces without an address yet": ({ clock }) => clock.advance(2_200),
  "status afterwards": finishTasks,
  "token of a disabled user": ({ cluster }) => setUser(cluster, { enabled: false }),
  "token of an expired user": ({ cluster }) => setUser(cluster, { enabled: true, expire: 1 }),
  "delete a template": ({ cluster }) => setUser(cluster, { enabled: true, expire: 0 }),
  "delete a missing template": finishTasks,
  "aplinfo download": finishTasks,
  "interfaces poll 0": async ({ clock, cluster }) => {
    await finishTasks({ clock, cluster });
    await clock.advance(100);
  },
  "interfaces poll 1": ({ clock }) => clock.advance(1_100),
  "interfaces with a DHCP lease": ({ clock }) => clock.advance(1_400),
  // Four at once kept the node busy.
  "parallel create 0": createTakes(4_200),
  "destroy 230": createTakes(TIMINGS.createMs),
  "resources with four containers (right after)": ({ clock }) => clock.advance(1_000),
  "resources with four containers (11 s later)": ({ clock }) => clock.advance(11_000),
  "root-only options (3)": setConfig(400, {
    mp0: "/srv/pxrun-data,mp=/data",
    features: "nesting=1,keyctl=1",
    dev0: "/dev/net/tun,mode=0666",
  }),
  "tag policy": ({ cluster }) => {
    cluster.options = { ...cluster.options, userAllowTags: "existing" };
  },
  "pool token without pool": ({ cluster }) => {
    cluster.options = { ...cluster.options, userAllowTags: "free" };
  },
};

function createTakes(createMs: number): Step {
  return ({ cluster }) => {
    cluster.timings = { ...cluster.timings, createMs };
  };
}

function setConfig(vmid: number, options: Readonly<Record<string, string>>): Step {
  return ({ cluster }) => {
    const ct = cluster.cts.get(vmid);
    if (ct) ct.config = { ...ct.config, ...options };
  };
}

function setUser(cluster: Cluster, change: { enabled: boolean; expire?: number }): void {
  const user = cluster.users.get("none@pve");
  if (user) Object.assign(user, change);
}

function removeAcl(cluster: Cluster, path: string): void {
  cluster.acls = cluster.acls.filter((acl) => !(acl.who === "pool@pve" && acl.path === path));
}

function addAcl(cluster: Cluster, path: string, role: string): void {
  cluster.acls.push({ path, who: "pool@pve", role, propagate: true });
}

/** Destroys a container as the recorder did after a series; returns the UPID. */
export async function destroy({ cluster, clock }: Scene, vmid: number): Promise<string> {
  const who = { user: "root@pam", token: "pxrun" };
  const path = `/nodes/vm/lxc/${vmid}`;
  const upid = await clock.runUntil(callApi(cluster, who, "DELETE", path, { force: "1" }));
  await finishTasks({ cluster, clock });
  return String(upid);
}

async function finishTasks({ cluster, clock }: Scene): Promise<void> {
  const running = [...cluster.tasks.values()].filter((task) => task.exitstatus === undefined);
  for (const task of running) await clock.runUntil(task.done);
}
