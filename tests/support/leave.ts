import { type Run, withCreating } from "../../lib/cluster/guests/marker.ts";
import { placeCt } from "../../sim/mod.ts";
import type { Lab } from "./simulator.ts";

/** In milliseconds. */
export const HOUR = 3_600_000;

/** Puts a container there as a run has left it. */
export function leave(
  lab: Lab,
  vmid: number,
  run: Partial<Run>,
  config: Record<string, string> = {},
  node = "pve01",
): void {
  const { self } = lab.platform();
  const ended = {
    ...self,
    id: `run${vmid}`,
    vmid,
    pid: 2 ** 22 + 1,
    since: Date.now() - HOUR,
    ...run,
  };
  const { tags = [], description = "" } = withCreating({ description: "mine" }, ended, "tag");
  const status = config["status"] === "running" ? "running" : "stopped";
  placeCt(lab.simulator.cluster, {
    vmid,
    node,
    status,
    config: { hostname: `c${vmid}`, tags: tags.join(";"), description, ...config },
  });
}
