/** `create` without provisioning and `destroy`, against the tasks that the cluster runs for them. */
import { type Simulator, startSimulator } from "../../sim/mod.ts";
import { waitTask } from "../../sim/cluster/state/tasks.ts";
import { GOOD_CREATE } from "../../sim/tests/cluster.ts";
import { bare } from "./bare.ts";
import { pxrun, timings } from "./pxrun.ts";
import type { Row } from "./row.ts";
import { median, medians, time } from "./time.ts";

const RUNS = 5;
const CREATE = ["create", "--hostname", "web-1", "--template", "debian-13", "--yes"];
const DESTROY = ["destroy", "web-1", "--yes"];

/** The create, the start and the wait for the address, by somebody who knows at once when they end. */
async function bareCreate(simulator: Simulator): Promise<void> {
  const { cluster } = simulator;
  using api = bare(simulator);
  await waitTask(cluster, `${await api.call("POST", "/nodes/pve01/lxc", { ...GOOD_CREATE })}`);
  await waitTask(cluster, `${await api.call("POST", "/nodes/pve01/lxc/100/status/start")}`);
  const up = (cluster.cts.get(100)?.startedAt ?? 0) + timings.dhcpMs;
  await cluster.clock.sleep(up - cluster.clock.now());
}

async function bareDestroy(simulator: Simulator): Promise<void> {
  using api = bare(simulator);
  const upid = await api.call("DELETE", "/nodes/pve01/lxc/100?force=1");
  await waitTask(simulator.cluster, `${upid}`);
}

/** Whole command lines, each against the tasks that they are for. */
export async function createAndDestroy(): Promise<Row[]> {
  await using simulator = await startSimulator({ timings });
  const [create = NaN, destroy = NaN, bareCreated = NaN, bareDestroyed = NaN] = await medians(
    RUNS,
    [
      () => pxrun(simulator, CREATE),
      () => pxrun(simulator, DESTROY),
      () => bareCreate(simulator),
      () => bareDestroy(simulator),
    ],
  );
  const row = (name: string, measured: number, ideal: number): Row => {
    return { name, measured, ideal, budget: 1.05, of: "ratio", unit: "ms" };
  };
  return [
    row("create without provisioning", create, bareCreated),
    row("destroy of a running container", destroy, bareDestroyed),
  ];
}

/** Number of replies that a create waits for in sequence, without its tasks. */
export async function roundTrips(): Promise<Row[]> {
  const measured = await replies(CREATE);
  return [{
    name: "create, cold: sequential round trips",
    measured,
    budget: 12,
    of: "itself",
    unit: "round trips",
  }];
}

/** By how much a run takes longer when each reply does: replies at the same time count once. */
async function replies(args: readonly string[]): Promise<number> {
  const ms = 150;
  const took = async (prepare: (simulator: Simulator) => void): Promise<number> => {
    await using simulator = await startSimulator();
    prepare(simulator);
    return await time(() => pxrun(simulator, args));
  };
  const at = async (): Promise<number> => {
    const late = await took((simulator) => void simulator.inject({ name: "delay", ms }));
    return (late - await took(() => {})) / ms;
  };
  await at();
  return Math.round(median([await at(), await at(), await at()]));
}
