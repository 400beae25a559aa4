import { type Ct, OTHERS_NOTE, type Simulator } from "../../sim/mod.ts";
import { FOLDER, HOSTNAME } from "./scenes.ts";
import type { Played } from "./stage.ts";

/** Something that is there in the end and should not be. */
export interface Left {
  readonly what: string;
  /** What is printed that says how to be rid of it. */
  readonly told: RegExp;
}

/** The cluster and the tailnet, to look at. */
export type Scenery = Pick<Played, "lab" | "tailnet">;

/** What was there before the command line ran. */
export interface Before {
  readonly volumes: ReadonlySet<string>;
  readonly tokens: ReadonlySet<string>;
}

/** Remembers what is there. */
export function lookAround({ cluster: { volumes, tokens } }: Pick<Simulator, "cluster">): Before {
  return {
    volumes: new Set(volumes.map(({ volid }) => volid)),
    tokens: new Set(tokens.keys()),
  };
}

/** The container of the scene, also one whose create has not come far. */
export function ownCt({ lab }: Pick<Scenery, "lab">): Ct | undefined {
  return [...lab.simulator.cluster.cts.values()].filter((ct) => !isOthers(ct))
    .find(({ config }) => config["hostname"] === HOSTNAME || config["lock"] === "create");
}

/** The guest of somebody else who has taken the vmid. */
export function othersCt({ lab }: Pick<Scenery, "lab">): Ct | undefined {
  return [...lab.simulator.cluster.cts.values()].find(isOthers);
}

function isOthers({ config }: Ct): boolean {
  return config["description"] === OTHERS_NOTE;
}

/** Whether a container bears the mark of one whose provisioning failed. */
function isKept({ config }: Ct): boolean {
  return /\bpxrun-failed\b/.test(`${config["tags"]} ${config["description"]}`);
}

/** Whether it bears any mark of one that is not finished. */
export function isMarked({ config }: Ct): boolean {
  return /\bpxrun-(failed|creating|run)\b/.test(`${config["tags"]} ${config["description"]}`);
}

/** What a file inside a container holds. */
export async function readInside(ct: Ct | undefined, path: string): Promise<string | undefined> {
  const bytes = await ct?.guest?.read(path);
  return bytes && new TextDecoder().decode(bytes);
}

/** That of a backup is the fault itself; what a create holds goes with its container. */
const HARMLESS: ReadonlySet<string> = new Set(["none", "backup", "create"]);

/** What is said of a task that is harmless, where nobody could be asked for its UPID. */
const UNKNOWN: Readonly<Record<string, string>> = { download: "carried out anyway" };

/**
 * All that is left of a run that is over, but for a container that is marked, with what belongs
 * to it, and for a template that came down as a whole: these are to stay.
 */
export async function leftovers(played: Played): Promise<Left[]> {
  const { before, lab, tailnet, running, text } = played;
  const { cluster } = lab.simulator;
  const ct = ownCt(played);
  const marked = ct !== undefined && isKept(ct);
  // It is to stay also where the mark could not be set; only that has to be told then.
  const kept = marked || / is kept: /.test(text);
  const left: Left[] = [];
  const add = (what: string, told: RegExp): void => void left.push({ what, told });
  // As a command line, or as an event has it.
  const destroys = `\\bdestroy ${ct?.vmid}\\b|"kind":"destroy",[^}]*\\b${ct?.vmid}\\b`;
  if (ct && !marked) add(`container ${ct.vmid}`, new RegExp(destroys));
  const { lock = "none" } = ct?.config ?? {};
  if (!HARMLESS.has(lock)) add(`the lock ${lock}`, new RegExp(`pct un(lock|mount) ${ct?.vmid}`));
  for (const { volid, vmid, content } of cluster.volumes) {
    if (before.volumes.has(volid) || content === "vztmpl") continue;
    if (vmid !== ct?.vmid && vmid !== othersCt(played)?.vmid) {
      add(`volume ${volid}`, new RegExp(volid));
    }
  }
  for (const id of cluster.tokens.keys()) {
    if (!before.tokens.has(id)) add(`token ${id}`, /pxrun cleanup|a cleanup removes it/);
  }
  const { pathExists } = cluster.nodes.get("pve01") ?? {};
  if (!kept && pathExists?.(FOLDER)) add(`directory ${FOLDER}`, new RegExp(`rmdir .*${FOLDER}`));
  for (const id of tailnet.keys.keys()) add(`key ${id}`, /admin\/settings\/keys/);
  for (const { name } of ct ? [] : tailnet.devices) {
    add(`${name} in the tailnet`, /admin\/machines/);
  }
  for (const { upid, type } of running) {
    // What makes or starts a container is over with the container.
    const others = ct && type !== "vzdestroy" ? destroys : UNKNOWN[type];
    add(`task ${upid}`, new RegExp(others === undefined ? upid : `${upid}|${others}`));
  }
  if (await runsInside(ct)) add("a process inside", /may still be running/);
  return left;
}

/** Whether something still runs inside that a step began, and does not end by itself at once. */
async function runsInside(ct: Ct | undefined): Promise<boolean> {
  if (ct?.guest === undefined || ct.status !== "running") return false;
  // A step has its directory there while it runs.
  const script = "n=0; while ls /run/pxrun/*/pid >/dev/null 2>&1; do n=$((n + 1)); " +
    "[ $n -lt 20 ] || exit 1; sleep 0.1; done";
  const code = await ct.guest.exec(["sh", "-c", script], {
    stdin: (async function* () {})(),
    stdout: () => {},
    stderr: () => {},
  });
  return code !== 0;
}
