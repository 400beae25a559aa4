import type { Agent } from "node:https";
import { type Preset, startSimulator, type Timings } from "../../sim/mod.ts";
import { BETWEEN, destroy, type Scene, type Step } from "./between.ts";
import { type Comparable, differences } from "./compare.ts";
import {
  exchange,
  exchangeRaw,
  makeAgent,
  type Outgoing,
  parseRaw,
  type Target,
} from "./exchange.ts";
import { BOOTED, PASSWORD, recordedNode, SECRET, START, TIMINGS } from "./recorded_node.ts";
import type { Recording, Recordings } from "./recordings.ts";
import { sshDifferences } from "./ssh_compare.ts";
import type { SshRecording } from "./ssh_recordings.ts";
import { connect, disconnect, run } from "./ssh_replay.ts";
import { VirtualClock } from "./virtual_clock.ts";

const MAC = /\b[0-9A-F]{2}(:[0-9A-F]{2}){5}\b/i;

/** How a replay went. */
export interface Outcome {
  /** What differs, by the name of the exchange; it has each that was compared. */
  readonly compared: Map<string, string[]>;
  /** How many polls of tasks were not sent because the node still said "running". */
  readonly polls: number;
}

/** A recorded session: when it began, and what the node was then. */
export interface Session {
  readonly preset: Preset;
  readonly timings: Timings;
  /** When the recording began, in milliseconds since the epoch. */
  readonly start: number;
  /** When the node was booted: the start times in its UPIDs are hundredths of a second since then. */
  readonly bootedAt: number;
  /** Steps between two exchanges, by the name of the second. */
  readonly between: Readonly<Record<string, Step>>;
  /** Commands over SSH to run before an exchange, by its name. */
  readonly commands?: ReadonlyMap<string, readonly SshRecording[]>;
  /** True if the recorder destroyed containers without recording it. */
  readonly destroysUnseen?: boolean;
}

/** The first set: from an empty node to a destroyed container. */
const FIRST: Session = {
  preset: recordedNode(),
  timings: TIMINGS,
  start: START,
  bootedAt: BOOTED,
  between: BETWEEN,
  destroysUnseen: true,
};

interface Replay extends Scene {
  readonly session: Session;
  /** Hardware addresses that requests gave so far. */
  readonly sent: Set<string>;
  /** Hardware addresses that the simulated node drew, by what the recorded one drew. */
  readonly drawn: Map<string, string>;
  readonly target: Target;
  readonly agent: Agent;
  /** Simulated UPIDs, digests, tickets … by what was recorded for them. */
  readonly known: Map<string, string>;
}

/** Sends recorded requests, in order, to a simulator that begins as the recorded node did. */
export async function replay(
  recordings: Recordings,
  session: Session = FIRST,
): Promise<Outcome> {
  const clock = new VirtualClock(session.start);
  const { preset, timings } = session;
  await using simulator = await startSimulator({ preset, timings, clock });
  const target = { host: simulator.host, port: simulator.port, ca: simulator.caPem };
  const agent = makeAgent(target);
  const { cluster } = simulator;
  const scene: Replay = {
    session,
    cluster,
    clock,
    target,
    agent,
    known: new Map(),
    sent: new Set(),
    drawn: new Map(),
  };
  const compared = new Map<string, string[]>();
  let polls = 0;
  const { host = "", port = 0 } = Object.values(simulator.ssh.nodes)[0] ?? {};
  const client = await connect(host, port, simulator.ssh.privateKey);
  for (const group of groupsOf(recordings)) {
    for (const command of session.commands?.get(group[0]?.[0] ?? "") ?? []) {
      const outcome = await clock.runUntil(run(client, command));
      compared.set(command.label, sshDifferences(command, outcome));
    }
    if (group.some(([, recording]) => taskStatus(recording) === "running")) polls++;
    else for (const [name, lines] of await replayGroup(scene, group)) compared.set(name, lines);
  }
  agent.destroy();
  await disconnect(client);
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
  for (const [name] of group) await scene.session.between[name]?.(scene);
  const begun = begunAt(scene.session, String(at(group[0]?.[1].body, "data")));
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
    learnDrawn(scene, one.body, other.body);
    const pending = group[i]?.[1].path?.endsWith("/pending") === true;
    const plain = (reply: Comparable) => pending ? byKey(reply) : reply;
    return [name, differences(plain(mapped(scene, one)), plain(other))];
  });
}

/** When a recorded task began. */
function begunAt({ bootedAt }: Session, upid: string): number | undefined {
  const [, pstart] = /^UPID:[^:]+:[^:]+:([0-9A-F]+):/.exec(upid) ?? [];
  return pstart === undefined ? undefined : bootedAt + parseInt(pstart, 16) * 10;
}

/** The rows of …/pending, each as one text under its key, but for the digest. */
function byKey(reply: Comparable): Comparable {
  const rows = at(reply.body, "data");
  if (!Array.isArray(rows)) return reply;
  const texts = rows.filter((row) => at(row, "key") !== "digest").map((row) => [
    `row ${at(row, "key")}`,
    ["value", "pending", "delete"].map((name) => JSON.stringify(at(row, name)) ?? "-").join(" "),
  ]);
  return { ...reply, body: { data: Object.fromEntries(texts) } };
}

/**
 * Learns the hardware addresses that both nodes drew for an interface: the recorder sent its own again
 * later. One that a request gave first has to be the same.
 */
function learnDrawn(scene: Replay, recorded: unknown, simulated: unknown): void {
  const [old, fresh] = [recorded, simulated].map(netsIn);
  for (const [key, mac] of old ?? []) {
    const other = fresh?.get(key);
    if (other !== undefined && mac !== other && !scene.sent.has(mac)) scene.drawn.set(mac, other);
  }
}

/** Hardware addresses by interface, of a configuration or of the rows of …/pending. */
function netsIn(body: unknown): Map<string, string> {
  const data = at(body, "data");
  const entries = Array.isArray(data)
    ? data.map((row) => [String(at(row, "key")), at(row, "value")] as const)
    : Object.entries(Object(data));
  return new Map(entries.flatMap(([key, value]) => {
    const mac = /^net\d+$/.test(key) ? MAC.exec(String(value))?.[0] : undefined;
    return mac === undefined ? [] : [[key, mac] as const];
  }));
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
  for (const [mac] of JSON.stringify(recording.params ?? "").matchAll(new RegExp(MAC, "gi"))) {
    if (!scene.drawn.has(mac)) scene.sent.add(mac);
  }
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
  if (scene.session.destroysUnseen && !known.has(recorded) && vmid !== undefined) {
    known.set(recorded, await destroy(scene, Number(vmid)));
  }
  const task = cluster.tasks.get(known.get(recorded) ?? "");
  if (task) await clock.runUntil(task.done);
}

function outgoingOf(scene: Replay, recording: Recording): Outgoing {
  const { method, encoding, params } = recording;
  const path = substitute(scene, recording.path ?? "/");
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
  return encoding === "json" ? { body: substitute(scene, JSON.stringify(params)) } : {};
}

function form(scene: Replay, params: NonNullable<Recording["params"]>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      search.append(name, substitute(scene, `${item}`.replace("<secret>", PASSWORD)));
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

function substitute({ known, drawn }: Replay, text: string): string {
  let mapped = text.replaceAll(new RegExp(MAC, "gi"), (mac) => drawn.get(mac) ?? mac);
  for (const [old, fresh] of known) {
    if (old.length < 30) continue;
    mapped = mapped.replaceAll(old, fresh).replaceAll(percent(old), percent(fresh));
  }
  return mapped;
}

function mapped(
  scene: Replay,
  { status, reason, body }: Comparable,
): Comparable {
  return {
    status,
    reason: substitute(scene, reason),
    body: body === undefined ? undefined : JSON.parse(substitute(scene, JSON.stringify(body))),
  };
}
