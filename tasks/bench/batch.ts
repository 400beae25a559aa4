/** 50 containers side by side: against the ideal schedule, and with faults on the way. */
import { type FaultName, startSimulator, type Timings } from "../../sim/mod.ts";
import { runCli } from "../../lib/cli/app/run.ts";
import { testPlatform } from "../../tests/support/platform.ts";
import { presetWithNodes, pxrun } from "./pxrun.ts";
import type { Row } from "./row.ts";
import { time } from "./time.ts";

const COUNT = 50;
const PARALLEL = 8;
const TASK = 2_000;
const ARGS = ["create", "-", "--count", `${COUNT}`, "--parallel", `${PARALLEL}`, "--yes"];
const RECIPE = 'container: { hostname: "web-{n}", template: debian-13 }\n';
/** A create and a start, with an address at once. */
const timings = { createMs: TASK, startMs: TASK, linkMs: 0, dhcpMs: 0 };

/** They strike in turn. */
const FAULTS: readonly FaultName[] = ["drop", "drop-reply", "status", "task-failure"];

/** The time of 50 containers, 8 at once. */
export async function batch(): Promise<Row[]> {
  await using simulator = await startSimulator({ preset: presetWithNodes(4), timings });
  const measured = await time(() => pxrun(simulator, ARGS, RECIPE));
  return [{
    name: `${COUNT} containers, --parallel ${PARALLEL}, tasks of ${TASK / 1000} s`,
    measured,
    ideal: Math.ceil(COUNT / PARALLEL) * 2 * TASK,
    budget: 1.1,
    of: "ratio",
    unit: "ms",
  }];
}

/** Number of 50 containers that neither run nor are reported as failed. */
export async function batchWithFaults(): Promise<Row[]> {
  return [{
    name: "the same with 1 % faults: lost, twice, or not as told",
    measured: (await unaccounted(timings, 100)).length,
    budget: 0,
    of: "itself",
    unit: "containers",
  }];
}

/**
 * Creates 50 containers while some requests meet a fault.
 *
 * @param times How long the tasks take.
 * @param every At each so many requests there is a fault.
 * @returns Which names are lost, there twice, or not as they were told to be.
 */
export async function unaccounted(times: Partial<Timings>, every: number): Promise<string[]> {
  let count = 0;
  await using simulator = await startSimulator({
    preset: presetWithNodes(4),
    timings: times,
    onRequest: () => {
      if (++count % every !== 0) return;
      const name = FAULTS[(count / every) % FAULTS.length] ?? "drop";
      simulator.inject({ name, times: 1, ...(name === "status" && { status: 596 }) });
    },
  });
  const platform = testPlatform({ env: simulator.env(), stdin: RECIPE });
  await runCli([...ARGS, "--format", "json"], platform);
  const told: readonly Told[] = JSON.parse(platform.stdout()).containers;
  const there = [...simulator.cluster.cts.values()].map(({ vmid, status, config }) => {
    return { vmid, status, hostname: config["hostname"] ?? `${vmid}` };
  });
  const names = Array.from({ length: COUNT }, (_, i) => `web-${i + 1}`);
  const others = there.map(({ hostname }) => hostname).filter((name) => !names.includes(name));
  return others.concat(names.filter((name) => {
    const [row, ...rows] = told.filter(({ hostname }) => hostname === name);
    const [ct, ...cts] = there.filter(({ hostname }) => hostname === name);
    if (row === undefined || rows.length + cts.length > 0) return true;
    if (row.error === undefined) return ct?.status !== "running" || ct.vmid !== row.vmid;
    // What could not be taken back, or is kept, is told with the way to be rid of it.
    return ct !== undefined && !platform.stderr().includes(`pxrun destroy ${ct.vmid}`);
  }));
}

/** A container in the result of a create. */
interface Told {
  readonly hostname: string;
  readonly vmid?: number;
  readonly error?: unknown;
}
