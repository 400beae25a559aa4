/** `list` of many containers: against the requests for the same replies, and its memory. */
import { join } from "node:path";
import { placeCt, type Simulator, startSimulator } from "../../sim/mod.ts";
import { bare } from "./bare.ts";
import { presetWithNodes, pxrun } from "./pxrun.ts";
import type { Row } from "./row.ts";
import { medians } from "./time.ts";

const NODES = 20;
const RUNS = 15;

/** The first round of calls. */
const FIRST = ["/nodes", "/cluster/resources?type=vm"];

async function clusterOf(count: number): Promise<Simulator> {
  const simulator = await startSimulator({ preset: presetWithNodes(NODES) });
  const nodes = [...simulator.cluster.nodes.keys()];
  for (let i = 0; i < count; i++) {
    const node = nodes[i % nodes.length] ?? "";
    const status = i % 3 === 0 ? "stopped" : "running";
    placeCt(simulator.cluster, { vmid: 100 + i, node, status, config: { tags: "dev;web" } });
  }
  return simulator;
}

/** The replies alone, over connections of their own: the cluster, then every node at once. */
async function ask(simulator: Simulator): Promise<void> {
  using api = bare(simulator);
  await Promise.all(FIRST.map((path) => api.call("GET", path)));
  const nodes = [...simulator.cluster.nodes.keys()];
  await Promise.all(nodes.map((node) => api.call("GET", `/nodes/${node}/lxc`)));
}

/** Two rounds: the first, and one call for each node. */
const CALLS = FIRST.length + NODES;

/** Time and API calls of a list of 1,000 containers on 20 nodes. */
export async function list(): Promise<Row[]> {
  await using simulator = await clusterOf(1_000);
  const [measured = NaN, ideal = NaN] = await medians(RUNS, [
    () => pxrun(simulator, ["list"]),
    () => ask(simulator),
  ]);
  const before = simulator.requests.length;
  await pxrun(simulator, ["list"]);
  const calls = simulator.requests.length - before;
  const name = "list of 1,000 containers on 20 nodes";
  return [
    { name: `${name}: API calls`, measured: calls, budget: CALLS, of: "itself", unit: "calls" },
    { name: `${name}: time`, measured, ideal, budget: 60, of: "difference", unit: "ms" },
  ];
}

/** The most memory that a process ever has that lists 5,000 guests. */
export async function listMemory(): Promise<Row[]> {
  await using simulator = await clusterOf(5_000);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", join(import.meta.dirname ?? ".", "peak.ts"), "list"],
    env: simulator.env(),
    stdin: "null",
    stdout: "null",
  }).output();
  const text = new TextDecoder().decode(stderr);
  if (!success) throw new Error(text);
  const measured = Number(/^peak: (\d+)$/m.exec(text)?.[1]) / 2 ** 20;
  return [{
    name: "memory, list of 5,000 guests",
    measured,
    budget: 150,
    of: "itself",
    unit: "MiB",
  }];
}
