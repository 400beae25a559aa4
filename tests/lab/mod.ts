import type { Preset, SimulatorOptions } from "../../sim/mod.ts";
import { demoPreset } from "../../sim/mod.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { lxcGuests } from "./container.ts";
import { realSsh } from "./front.ts";
import { LabNode } from "./node.ts";
import { cacheDirectory } from "./runs.ts";
import { makeTemplate, type System, type Template } from "./templates.ts";

export type { LabNode } from "./node.ts";
export type { System } from "./templates.ts";

const GIB = 1024 ** 3;
const name = "pve01";

/** A lab whose containers really run. */
export interface LxcLab extends Lab {
  readonly node: LabNode;
}

/**
 * Starts a node with a real bridge, a real sshd and real containers behind the simulator's API. Needs
 * root, and the programs of the `lxc` lane in tasks/parts.ts.
 *
 * @param systems The templates it has; they are made where they are not in the cache.
 */
export async function startLxcLab(...systems: readonly System[]): Promise<LxcLab> {
  const templates = await Promise.all(systems.map(makeTemplate));
  const node = await LabNode.start(name, await cacheDirectory());
  try {
    const lab = await startLab(optionsFor(node, templates));
    return {
      ...lab,
      node,
      async [Symbol.asyncDispose]() {
        try {
          await lab[Symbol.asyncDispose]();
        } finally {
          await node.close();
        }
      },
    };
  } catch (error) {
    await node.close();
    throw error;
  }
}

function optionsFor(node: LabNode, templates: readonly Template[]): SimulatorOptions {
  return {
    preset: presetFor(node, templates),
    // What takes time here takes it by itself.
    timings: { createMs: 0, startMs: 0, stopMs: 0, destroyMs: 0, otherMs: 0 },
    makeGuest: lxcGuests(node, templates),
    startSsh: realSsh(node),
    // It goes with the lab, even if that is killed.
    directory: node.directory,
  };
}

/** One node with the storages of the demo; paths are looked up on the lab's node. */
function presetFor(node: LabNode, templates: readonly Template[]): Preset {
  const demo = demoPreset();
  return {
    ...demo,
    name: "lab",
    nodes: [{
      name,
      ip: "10.0.2.100",
      cpus: navigator.hardwareConcurrency,
      memory: 16 * GIB,
      disk: 100 * GIB,
      ifaces: [
        { iface: "tap0", type: "eth" },
        { iface: "vmbr0", type: "bridge", cidr: "10.99.0.1/24", ports: "", dhcp: [100, 199] },
      ],
      dns: ["10.99.0.1"],
      timezone: "Etc/UTC",
      bootedAt: Date.now() - 60_000,
      pathExists: (path) => exists(node.path(path)),
    }],
    storages: demo.storages.filter(({ nodes }) => nodes === undefined),
    volumes: templates.map((template) => ({
      volid: `local:vztmpl/${template.name}`,
      storage: "local",
      node: name,
      content: "vztmpl",
      format: "tzst",
      size: template.size,
      used: template.size,
      ctime: 1_750_000_000,
    })),
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
