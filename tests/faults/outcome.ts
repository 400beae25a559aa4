import type { Ct } from "../../sim/mod.ts";
import {
  isMarked,
  type Left,
  leftovers,
  othersCt,
  ownCt,
  readInside,
  type Scenery,
} from "./left.ts";
import { CONTENT, type Scene } from "./scenes.ts";
import type { Played } from "./stage.ts";

/** What may come of a run, and what it means. */
export const GOOD = {
  ok: "the command succeeded anyway",
  "rolled-back": "a clear error; nothing remains or was changed",
  kept: "the container remains; the error says so, and how to continue",
  reported: "what remains is named, with the command that removes it",
  "n/a": "this cannot happen at that moment",
} as const;

/** What must not come of a run. */
export const BAD = {
  "left behind": "something is left and not named",
  hung: "it did not end",
  mute: "an error that does not say what to do next",
  wrong: "it says that it is done, and it is not",
  twice: "a request that changes something was sent twice",
} as const;

/** One cell of the table. */
export type Word = keyof typeof GOOD | keyof typeof BAD;

/** What came of a run, and for a bad one, why that is said. */
export interface Outcome {
  readonly word: Word;
  readonly why: string;
}

/** Whether a cell may be so. */
export function isGood(word: string): boolean {
  return word in GOOD;
}

/** Judges a run by what is there in the end and by what it said. */
export async function outcomeOf(scene: Scene["name"], played: Played): Promise<Outcome> {
  const { status, text } = played;
  const because = (word: Word, why: string): Outcome => ({ word, why: `${why}\n${text}` });
  if (status === undefined) return because("hung", "it did not end");
  const again = sentTwice(played);
  if (again !== undefined) return because("twice", again);
  const other = othersCt(played);
  if (other !== undefined) {
    const outcome = await besideOther(scene, other, played);
    // Where it came before ours was made, that has another vmid.
    if (ownCt(played) === undefined || !isGood(outcome.word)) return outcome;
  }
  const left = await leftOf[verbOf(scene)](played);
  const hidden = left.filter(({ told }) => !told.test(text));
  if (hidden.length > 0) {
    return because("left behind", hidden.map(({ what }) => what).join(", "));
  }
  if (left.length > 0) return because("reported", "");
  if (status === 0) {
    const lack = await lackOf[verbOf(scene)](played);
    return lack === undefined ? because("ok", "") : because("wrong", lack);
  }
  const begun = text.includes('{"type":"step-started"');
  const stays = scene === "create" ? ownCt(played) !== undefined : scene === "provision" && begun;
  if (stays) {
    const ways = scene === "create"
      ? /is kept: .*[^]*(continue: pxrun provision|look inside: pxrun shell) 100/
      : WAY_ON;
    return ways.test(text) ? because("kept", "") : because("mute", "how to go on is not said");
  }
  // Who pressed Ctrl-C knows what to do next.
  return status === 130 || /hint: |→ /.test(text)
    ? because("rolled-back", "")
    : because("mute", "there is no hint");
}

/** Judges a run during which somebody else has taken the vmid. */
async function besideOther(scene: Scene["name"], other: Ct, played: Played): Promise<Outcome> {
  const { status, text, replaced, lab: { simulator: { requests, ssh } } } = played;
  const because = (word: Word, why: string): Outcome => ({ word, why: `${why}\n${text}` });
  const harm = harmOf(other);
  if (harm !== undefined) return because("wrong", `somebody else's guest ${harm}`);
  const entered = ssh.argvs.slice(replaced?.argvs)
    .filter(({ argv: [program = "", ...words] }) =>
      /^(pct|lxc-attach)$/.test(program) && words.includes("100") && words[0] !== "set"
    );
  if (replaced !== undefined && entered.length > 0) {
    return because("wrong", "somebody else's guest was entered");
  }
  const begun = text.includes('{"type":"step-started"');
  const left = beside(await leftovers(played))
    .filter(({ what }) => begun && status !== 0 && scene !== "provision" || !NODE.test(what));
  const hidden = left.filter(({ told }) => !told.test(text));
  if (hidden.length > 0) {
    return because("left behind", hidden.map(({ what }) => what).join(", "));
  }
  if (status === 0) {
    const seen = ownCt(played) === undefined && requests.slice(replaced?.requests ?? 0)
      .some(({ method, path }) => method === "GET" && /\/lxc\/100\/config$/.test(path));
    return seen ? because("wrong", "it has seen the other one") : because("ok", "");
  }
  if (left.length > 0) return because("reported", "");
  return status === 130 || /hint: |→ /.test(text)
    ? because("rolled-back", "")
    : because("mute", "there is no hint");
}

/** It goes with its container, which somebody else has destroyed. */
const NODE = /in the tailnet$/;

/** What was done to somebody else's guest, if anything. */
function harmOf({ status, config }: Ct): string | undefined {
  if (status !== "running") return "was stopped";
  const changed = ["tags", "lock", "protection", "mp0", "dev0"].filter((key) => config[key]);
  return changed.length === 0 ? undefined : `has ${changed.join(", ")} now`;
}

/** The command of a scene, however it logs in. */
function verbOf(scene: Scene["name"]): "create" | "provision" | "destroy" {
  return scene === "destroy by SSH alone" ? "destroy" : scene;
}

/** How a provisioning that failed goes on. */
const WAY_ON = /provision again|run (the command|pxrun) again|interrupted: /;

/** What is left of each command. */
const leftOf = {
  async create(played: Played): Promise<Left[]> {
    const left = await leftovers(played);
    return played.status === 0 ? [...beside(left), ...markOf(played)] : left;
  },
  provision: async (played: Played): Promise<Left[]> => [
    ...beside(await leftovers(played)),
    ...played.status === 0 ? markOf(played) : [],
  ],
  async destroy(played: Played): Promise<Left[]> {
    const ct = ownCt(played);
    const left = beside(await leftovers(played));
    if (ct && ct.status !== "running") {
      left.push({ what: "a container that was stopped", told: /is stopped/ });
    }
    if (ct && ct.config["protection"] !== "1") {
      left.push({
        what: "a container without its protection",
        told: /could not protect container/,
      });
    }
    if (ct === undefined && played.status !== 0) {
      left.push({
        what: "an error although it is gone",
        told: /goes on as UPID|carried out anyway/,
      });
    }
    return left;
  },
};

/** What is left where the container and its directory are to be there. */
function beside(left: readonly Left[]): Left[] {
  return left.filter(({ what }) => !/^(container|directory) /.test(what));
}

/** The mark of a container that is finished and was not to bear it any more. */
function markOf(played: Played): Left[] {
  const ct = ownCt(played);
  const told = /pct set 100 --|later: provision again/;
  return ct && isMarked(ct) ? [{ what: "the mark", told }] : [];
}

/** What is not as a run that succeeded leaves it. */
const lackOf = {
  async create(played: Played): Promise<string | undefined> {
    const ct = ownCt(played);
    const { tailnet, running } = played;
    if (ct?.status !== "running") return "no container runs";
    if (ct.config["mp0"] === undefined || ct.config["dev0"] === undefined) return "no mount";
    if (tailnet.devices.length !== 1) return "it is not in the tailnet";
    return await lackInside(played) ??
      (tailnet.keys.size + running.length > 0 ? "a key or a task is left" : undefined);
  },
  provision: lackInside,
  destroy: ({ lab, tailnet }: Played): Promise<string | undefined> =>
    Promise.resolve(
      lab.containers().length + tailnet.devices.length > 0 ? "it is still there" : undefined,
    ),
};

async function lackInside(scenery: Scenery): Promise<string | undefined> {
  const ct = ownCt(scenery);
  if (ct === undefined || isMarked(ct)) return "the container is still marked";
  const content = await readInside(ct, "/etc/app.conf");
  return content === CONTENT ? undefined : `/etc/app.conf holds ${content}`;
}

/**
 * A request that changes something and was sent again, if there is one. What a task was refused
 * because its configuration file was locked at that moment has done nothing, and may be.
 */
function sentTwice({ lab }: Pick<Scenery, "lab">): string | undefined {
  const tasks = [...lab.simulator.cluster.tasks.values()];
  const refused = tasks.filter(({ exitstatus = "" }) => /can't lock file/.test(exitstatus)).length;
  const sent: string[] = [];
  const again: string[] = [];
  for (const { method, path, params, status } of lab.simulator.requests) {
    const guest = /\/lxc\/\d+/.exec(path)?.[0];
    // Who has looked again since knows what he does.
    if (method === "GET" && guest !== undefined && path.endsWith("/config")) {
      sent.splice(0, Infinity, ...sent.filter((line) => !line.includes(guest)));
    }
    if (method === "GET" || status === 401 || isCancel(method, path)) continue;
    const line = `${method} ${path} ${JSON.stringify(params)}`;
    if (sent.includes(line)) again.push(line);
    sent.push(line);
  }
  const blind = again.find((line) => /\/lxc\/\d+/.test(line));
  return blind ?? (again.length > refused ? again[0] : undefined);
}

/** To ask a task again to end does no harm. */
function isCancel(method: string, path: string): boolean {
  return method === "DELETE" && /\/tasks\/UPID/.test(decodeURIComponent(path));
}
