import type { Agent } from "node:https";
import { startSimulator } from "../../sim/mod.ts";
import { BETWEEN, destroy, type Scene } from "./between.ts";
import { type Comparable, differences } from "./compare.ts";
import {
  exchange,
  exchangeRaw,
  makeAgent,
  type Outgoing,
  parseRaw,
  type Target,
} from "./exchange.ts";
import { begunAt, PASSWORD, recordedNode, SECRET, START, TIMINGS } from "./recorded_node.ts";
import type { Recording, Recordings } from "./recordings.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** How a replay went. */
export interface Outcome {
  /** What differs, by the name of the exchange; it has each that was compared. */
  readonly compared: Map<string, string[]>;
  /** How many polls of tasks were not sent because the node still said "running". */
  readonly polls: number;
}

interface Replay extends Scene {
  readonly target: Target;
  readonly agent: Agent;
  /** Simulated UPIDs, digests, tickets … by what was recorded for them. */
  readonly known: Map<string, string>;
}

/** Sends recorded requests, in order, to a simulator that begins as the recorded node did. */
export async function replay(recordings: Recordings): Promise<Outcome> {
  const clock = new VirtualClock(START);
  await using simulator = await startSimulator({ preset: recordedNode(), timings: TIMINGS, clock });
  const target = { host: simulator.host, port: simulator.port, ca: simulator.caPem };
  const agent = makeAgent(target);
  const scene: Replay = { cluster: simulator.cluster, clock, target, agent, known: new Map() };
  const compared = new Map<string, string[]>();
  let polls = 0;
  for (const group of groupsOf(recordings)) {
    if (group.some(([, recording]) => taskStatus(recording) === "running")) polls++;
    else for (const [name, lines] of await replayGroup(scene, group)) compared.set(name, lines);
  }
  agent.destroy();
  return { compared, polls };
}

type Named = readonly [name: string, recording: Recording];

/** The exchanges one by one, but together what was sent at the same time. */
function groupsOf(recordings: Recordings): Named[][] {
  const groups: Named[][] = [];
  for (const named of recordings) {
    const last = groups.at(-1);
    const stem = /^same vmid at the same time/;
    if (last && stem.test(named[0]) && stem.test(last[0]?.[0] ?? "")) last.push(named);
    else groups.push([named]);
  }
  return groups;
}

function taskStatus(recording: Recording): string | undefined {
  if (!/\/tasks\/UPID[^/]*\/status$/.test(recording.path ?? "")) return undefined;
  const data = at(recording.body, "data");
  return typeof at(data, "status") === "string" ? `${at(data, "status")}` : undefined;
}

/** What differs for each of some exchanges that were sent at once. */
async function replayGroup(
  scene: Replay,
  group: readonly Named[],
): Promise<[name: string, lines: string[]][]> {
  for (const [name] of group) await BETWEEN[name]?.(scene);
  const begun = begunAt(String(at(group[0]?.[1].body, "data")));
  if (begun !== undefined) await scene.clock.advance(Math.max(0, begun - scene.clock.now()));
  // Time moves on only when each has been answered, or waits for time inside the simulator.
  const asleep = scene.clock.sleeping + group.length;
  const answers = await Promise.all(group.map(([, one]) => send(scene, one, asleep)));
  // Who wins a race is nobody's contract: the replies are the same, in any order.
  const byStatus = (a: Comparable, b: Comparable) => a.status - b.status;
  const recorded = group.map(([, recording]) => comparable(recording)).sort(byStatus);
  answers.sort(byStatus);
  return group.map(([name], i) => {
    const [one, other] = [recorded[i], answers[i]];
    if (!one || !other) return [name, ["nothing came back"]];
    learn(scene.known, one.body, other.body);
    return [name, differences(mapped(scene.known, one), other)];
  });
}

function comparable(recording: Recording): Comparable {
  if (recording.raw_response !== undefined) return parseRaw(recording.raw_response);
  const { status, reason, body, text } = recording;
  return { status: status ?? 0, reason: reason ?? "", body: body ?? (text || undefined) };
}

async function send(
  scene: Replay,
  recording: Recording,
  asleep: number,
): Promise<Comparable> {
  const { clock, target, agent } = scene;
  if (recording.raw_request !== undefined) {
    const bytes = recording.raw_request.replace("<secret>", SECRET);
    return await exchangeRaw(target, bytes, recording.label.startsWith("plain HTTP"));
  }
  if (taskStatus(recording) === "stopped") await finish(scene, recording);
  const until = clock.now() + recording.ms;
  const answer = exchange(target, agent, outgoingOf(scene, recording));
  await clock.untilAsleep(asleep, answer);
  // What took the node a second or more waited for something that takes its time.
  const result = await clock.runUntil(answer, recording.ms > 900 ? Infinity : recording.ms);
  await clock.advance(Math.max(0, until - clock.now()));
  return result;
}

/** Lets the task of a poll run to its end. A destroy that nobody recorded is done first. */
async function finish(scene: Replay, { path }: Recording): Promise<void> {
  const { cluster, clock, known } = scene;
  const recorded = decodeURIComponent(/\/tasks\/([^/]+)\//.exec(path ?? "")?.[1] ?? "");
  const vmid = /:vzdestroy:(\d+):/.exec(recorded)?.[1];
  if (!known.has(recorded) && vmid !== undefined) {
    known.set(recorded, await destroy(scene, Number(vmid)));
  }
  const task = cluster.tasks.get(known.get(recorded) ?? "");
  if (task) await clock.runUntil(task.done);
}

function outgoingOf(scene: Replay, recording: Recording): Outgoing {
  const { method, encoding, params } = recording;
  const path = substitute(scene.known, recording.path ?? "/");
  const query = encoding === "query" && params && !path.includes("?")
    ? `?${form(scene, params)}`
    : "";
  const type = {
    form: "application/x-www-form-urlencoded",
    json: "application/json",
    query: undefined,
    multipart: undefined,
    none: undefined,
  }[encoding ?? "none"];
  const { body = undefined, contentType = type } = bodyOf(scene, recording);
  return {
    method: method ?? "GET",
    path: path + query,
    headers: {
      ...credentials(scene.known, recording),
      ...(contentType === undefined ? {} : { "Content-Type": contentType }),
    },
    body,
  };
}

function bodyOf(
  scene: Replay,
  { label, encoding, params, method }: Recording,
): { body?: string; contentType?: string } {
  if (label.startsWith("GET with Content-Type")) return { contentType: "application/json" };
  if (typeof params === "string") {
    const type = label.includes("unknown content type") ? "text/xml" : "application/json";
    return { body: params, contentType: type };
  }
  if (method === "GET" && encoding !== "json") return {};
  if (encoding === "form") return { body: form(scene, params ?? {}) };
  return encoding === "json" ? { body: substitute(scene.known, JSON.stringify(params)) } : {};
}

function form(scene: Replay, params: NonNullable<Recording["params"]>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      search.append(name, substitute(scene.known, `${item}`.replace("<secret>", PASSWORD)));
    }
  }
  return search.toString();
}

/** The headers that the recorder sent: a token's, but for the exchanges about logging in. */
function credentials(
  known: ReadonlyMap<string, string>,
  recording: Recording,
): Record<string, string> {
  const { label, token, path } = recording;
  const of = (text: string) => ({ Authorization: text });
  const special: Record<string, Record<string, string>> = {
    "wrong token secret": of(`PVEAPIToken=${token}=wrong`),
    "create: bad token": of(`PVEAPIToken=${token}=wrong`),
    "unknown token id": of(`PVEAPIToken=root@pam!nosuch=${SECRET}`),
    "unknown user": of(`PVEAPIToken=nosuch@pam!pxrun=${SECRET}`),
    "malformed token header": of("PVEAPIToken=garbage"),
    "token header with : instead of =": of(`PVEAPIToken=${token}:${SECRET}`),
    "Bearer header": of(`Bearer ${SECRET}`),
    "invalid ticket": { Cookie: "PVEAuthCookie=garbage" },
    "no credentials": {},
  };
  const ticket = { Cookie: `PVEAuthCookie=${encodeURIComponent(known.get("<ticket>") ?? "")}` };
  if (special[label]) return special[label];
  if (label === "ticket with CSRF token") {
    return { ...ticket, CSRFPreventionToken: known.get("<csrf>") ?? "" };
  }
  if (token === null) return path === "/access/ticket" ? {} : ticket;
  return of(`PVEAPIToken=${token}=${SECRET}`);
}

/** Values that differ from one run to the next: which simulated one stands for the recorded one. */
function learn(known: Map<string, string>, recorded: unknown, simulated: unknown): void {
  const [a, b] = [at(recorded, "data"), at(simulated, "data")];
  if (typeof a === "string" && typeof b === "string") return void known.set(a, b);
  const names = { digest: "digest", ticket: "ticket", csrf: "CSRFPreventionToken" };
  for (const name of Object.values(names)) {
    const [old, fresh] = [at(a, name), at(b, name)];
    if (typeof old === "string" && typeof fresh === "string") known.set(old, fresh);
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** Percent-encodes as the recorder did, `!` included. */
function percent(text: string): string {
  return encodeURIComponent(text).replaceAll("!", "%21");
}

function substitute(known: ReadonlyMap<string, string>, text: string): string {
  let mapped = text;
  for (const [old, fresh] of known) {
    if (old.length < 30) continue;
    mapped = mapped.replaceAll(old, fresh).replaceAll(percent(old), percent(fresh));
  }
  return mapped;
}

function mapped(
  known: ReadonlyMap<string, string>,
  { status, reason, body }: Comparable,
): Comparable {
  return {
    status,
    reason: substitute(known, reason),
    body: body === undefined ? undefined : JSON.parse(substitute(known, JSON.stringify(body))),
  };
}
