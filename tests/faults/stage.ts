import { runCli } from "../../lib/cli/app/run.ts";
import type { Fetch } from "../../lib/core/platform.ts";
import { type Arrival, createGuest, replaceCt, type Simulator } from "../../sim/mod.ts";
import type { Task } from "../../sim/cluster/state/cluster.ts";
import { type Lab, startLab } from "../support/simulator.ts";
import { API_KEY, startTailnet, type Tailnet } from "../support/tailnet.ts";
import { fastClock } from "./clock.ts";
import { type Before, lookAround } from "./left.ts";
import type { Scene } from "./scenes.ts";

/** After so many milliseconds of its own time a run counts as one that hangs. */
const DEADLINE = 400_000;

/**
 * Long enough for a task to run still when the reply that started it is there, and for all that is
 * done while the address is waited for to have begun when it comes.
 */
const TIMINGS = {
  createMs: 1_000,
  startMs: 1_000,
  destroyMs: 1_000,
  downloadMs: 1_000,
  dhcpMs: 2_000,
};

/** A moment at which something can go wrong: something that came in on the other side. */
export interface Moment {
  readonly scene: Scene["name"];
  /** The step of the run, or what it waits for after one. */
  readonly step: string;
  readonly by: "API" | "SSH" | "tailnet";
  /** `POST /nodes/pve01/lxc`, a command line, or `connect`. */
  readonly what: string;
  /** Which one of those that are the same in this step, from 1. */
  readonly nth: number;
}

/** How a reply of the tailnet's API gets lost. */
export type FetchFault = "drop" | "drop-reply" | number;

/** What a fault can take hold of. */
export interface Stage {
  readonly simulator: Simulator;
  readonly tailnet: Tailnet;
  /** The path of the request that has just come in. */
  readonly path: string;
  /** What the terminal's user presses. */
  interrupt(): void;
  /** Does something once the request is carried out, and before its reply is there. */
  onceHandled(act: () => void): void;
  /** Does something as soon as the run begins to take back what it did. */
  onceUndoing(act: () => void): void;
  /** Lets somebody else take the container's vmid, as soon as nobody works on it. */
  replace(): void;
  /** What happens to the request to the tailnet that has just been sent, or to all from now on. */
  failFetch(fault: FetchFault, forever?: boolean): void;
}

/** What came of a run. */
export interface Played {
  readonly before: Before;
  readonly moments: readonly Moment[];
  /** The type of the task that a moment's request started, by its key. */
  readonly tasks: ReadonlyMap<string, string>;
  /** Undefined for one that hangs. */
  readonly status: number | undefined;
  /** All that was printed. */
  readonly text: string;
  readonly lab: Lab;
  readonly tailnet: Tailnet;
  /** Tasks that still ran when the command had ended. */
  readonly running: readonly Task[];
  /** When somebody else has taken the vmid, if that is known. */
  readonly replaced: Replaced | undefined;
}

/** How far a run was when somebody else took the container's vmid. */
export interface Replaced {
  readonly step: string;
  /** How many requests had come, and how many programs were run on a node. */
  readonly requests: number;
  readonly argvs: number;
}

/** What identifies a moment in a scene. */
export function keyOf({ step, by, what, nth }: Omit<Moment, "scene">): string {
  return `${step}: ${by} ${what} ${nth}`;
}

/**
 * Runs the command line of a scene against a cluster of its own, and hands over what is there
 * in the end.
 *
 * @param at Sees each moment when it comes, and may let something go wrong there.
 * @param judge Looks at the cluster before it ends.
 */
export async function play<T>(
  scene: Scene,
  at: (moment: Moment, stage: Stage) => void,
  judge: (played: Played) => Promise<T>,
): Promise<T> {
  using clock = fastClock();
  await using tailnet = startTailnet();
  const moments: Moment[] = [];
  const tasks = new Map<string, string>();
  const handled: (() => void)[] = [];
  const undoing: (() => void)[] = [];
  let step = "plan";
  let fetchFault: { readonly fault: FetchFault; readonly forever: boolean } | undefined;
  let playing = false;
  let replaced: Replaced | undefined;
  let known = 0;

  const meet = (by: Moment["by"], what: string, path: string): void => {
    if (!playing) return;
    const same = moments.filter((one) => one.step === step && one.by === by && one.what === what);
    const moment = { scene: scene.name, step, by, what, nth: same.length + 1 };
    moments.push(moment);
    at(moment, {
      simulator: lab.simulator,
      tailnet,
      path,
      interrupt: () => platform.interrupt(),
      onceHandled: (act) => void handled.push(act),
      onceUndoing: (act) => void undoing.push(act),
      failFetch: (fault, forever = false) => fetchFault = { fault, forever },
      replace: () =>
        replaceCt(lab.simulator.cluster, 100, undefined, () => {
          const { requests, ssh: { argvs } } = lab.simulator;
          replaced = { step, requests: requests.length, argvs: argvs.length };
        }),
    });
  };
  const onArrival = (arrival: Arrival): void => {
    if (arrival.by === "SSH") return meet("SSH", lineOf(arrival.command ?? "connect"), "");
    const { method, path } = arrival;
    meet("API", `${method} ${pathOf(path)}`, path);
  };
  await using lab = await startLab({
    clock,
    timings: TIMINGS,
    ...(scene.login && { login: scene.login }),
    onArrival,
    onRequest: () => {
      const started = [...lab.simulator.cluster.tasks.values()].slice(known);
      known += started.length;
      const moment = moments.at(-1);
      for (const { type } of playing ? started : []) if (moment) tasks.set(keyOf(moment), type);
      handled.splice(0).forEach((act) => act());
    },
    makeGuest: (template, around) =>
      createGuest(template, { ...around, joinTailnet: (join) => tailnet.join(join) }),
  });
  const fetch: Fetch = async (url, init) => {
    const path = new URL(url).pathname.replace("/api/v2", "").replace(/\/k\d+CNTRL$/, "/KEY");
    meet("tailnet", `${init.method ?? "GET"} ${path}`, "");
    const fault = fetchFault?.fault;
    if (!fetchFault?.forever) fetchFault = undefined;
    if (fault === "drop") throw new TypeError("the connection was lost");
    if (typeof fault === "number") return new Response("", { status: fault });
    const reply = await tailnet.fetch(url, init);
    handled.splice(0).forEach((act) => act());
    if (fault !== "drop-reply") return reply;
    await reply.body?.cancel();
    throw new TypeError("the connection was lost");
  };
  const own = lab.platform({ stdin: scene.stdin, fetch, env: { TAILSCALE_API_KEY: API_KEY } });
  const platform = {
    ...own,
    clock,
    terminal: {
      ...own.terminal,
      out(text: string) {
        own.terminal.out(text);
        step = stepAfter(text) ?? step;
        if (step === "undo") undoing.splice(0).forEach((act) => act());
      },
    },
  };
  await scene.prepare(lab.simulator, tailnet);
  known = lab.simulator.cluster.tasks.size;
  const before = lookAround(lab.simulator);
  playing = true;
  const late = new AbortController();
  const run = runCli([...scene.args, "--events"], platform);
  const status = await Promise.race([
    run,
    clock.sleep(DEADLINE, late.signal).then(() => undefined, () => undefined),
  ]);
  late.abort();
  playing = false;
  if (status === undefined) {
    platform.interrupt();
    platform.interrupt();
  }
  const running = [...lab.simulator.cluster.tasks.values()]
    .filter(({ endtime }) => endtime === undefined);
  await Promise.all(running.map(({ done }) => done));
  return await judge({
    before,
    moments,
    tasks,
    status,
    text: platform.stdout() + platform.stderr(),
    lab,
    tailnet,
    running,
    replaced,
  });
}

/** The step that a printed event begins or ends, if it is one. */
function stepAfter(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  const { type, step } = JSON.parse(line);
  if (type === "step-started") return step;
  return type === "step-done" || type === "step-failed" ? `after ${step}` : undefined;
}

/** A path in which a task is its type. */
function pathOf(path: string): string {
  return decodeURIComponent(path).replace(/UPID:(?:[^:]*:){4}([^:]*):[^/]*/, "$1 task");
}

/**
 * A command without what is another in each run: the name of its token, and what goes with it; and
 * by which marks the node knows the container that it enters.
 */
function lineOf(command: string): string {
  return command.replace(/^LC_ALL=\S+ /, "").replace(/\/pxrun-\S+( .*)?$/, "/pxrun-RUN")
    .replace(/^sh -c 'read -r v m [^']*' sh /, "once told, ")
    .replace(/^sh -c 'cat [^']*' sh (\S+ ){3}/, "");
}
