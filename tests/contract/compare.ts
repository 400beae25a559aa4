/**
 * How a simulated reply is held against a recorded one. Status, reason phrase
 * and the texts of errors must be the same. Data must have the same shape:
 *
 * - an object has the same keys with the same JSON types (null fits nothing else);
 * - lists are both empty or both not; what all recorded items of one kind have,
 *   every simulated item of that kind has, and nothing that none of them has;
 * - where a key holds names (a map of paths, of privileges), the names are the same;
 * - of a text of several lines, such as a log, the first line is the same;
 * - values that must not vary ({@linkcode EXACT}) are the same.
 */
export interface Comparable {
  readonly status: number;
  readonly reason: string;
  /** undefined: no body; a string: text; else JSON. */
  readonly body: unknown;
}

/** Keys whose values are compared, wherever they stand outside lists. */
const EXACT = new Set(
  ("message exitstatus lock hostname features tags description rootfs mp0 memory cores swap " +
    "cpulimit cpuunits onboot startup nameserver searchdomain timezone env entrypoint cmode tty console ostype arch unprivileged " +
    "vmid name status type user tokenid id cpus maxmem maxswap hasFeature running parent " +
    "version release").split(" "),
);

/** Options of which there are several, and rows of …/pending. */
const NUMBERED = /^((net|mp|dev|unused)\d+|row .*)$/;

/** Keys by which the items of a list are told apart: both lists hold the same values. */
const NAMES = "vmid name status storage iface volid key subdir poolid".split(" ");

/** Keys that real nodes have or lack by hardware and by kernel. */
const FREE = new Set("uptime cpu".split(" "));

/** Objects that are the node's own hardware. */
const HARDWARE = /\.(current-kernel|cpuinfo|memory|rootfs|swap)\./;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What differs, as lines; none when the reply is as recorded. */
export function differences(recorded: Comparable, simulated: Comparable): string[] {
  const found: string[] = [];
  if (recorded.status !== simulated.status || recorded.reason !== simulated.reason) {
    found.push(`${recorded.status} ${recorded.reason} ≠ ${simulated.status} ${simulated.reason}`);
  }
  compare(json(recorded.body), json(simulated.body), "", found);
  return found;
}

function json(value: unknown): Json {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

function compare(recorded: Json, simulated: Json, path: string, found: string[]): void {
  if (kind(recorded) !== kind(simulated)) {
    found.push(`${path || "body"}: ${show(recorded)} ≠ ${show(simulated)}`);
  } else if (Array.isArray(recorded) && Array.isArray(simulated)) {
    compareLists(recorded, simulated, path, found);
  } else if (isObject(recorded) && isObject(simulated)) {
    compareKeys([recorded], simulated, path, found);
    for (const [name, value] of Object.entries(recorded)) {
      const other = simulated[name];
      if (other !== undefined) compare(value, other, `${path}.${name}`, found);
    }
  } else if (isExact(path) && firstLine(recorded) !== firstLine(simulated)) {
    found.push(`${path || "body"}: ${show(recorded)} ≠ ${show(simulated)}`);
  }
}

/** Errors, and texts instead of JSON, are compared as they are. */
function isExact(path: string): boolean {
  if (path === "" || path === ".data" || path.startsWith(".errors.")) return true;
  const key = path.split(".").at(-1) ?? "";
  return (EXACT.has(key) || NUMBERED.test(key)) && !HARDWARE.test(path);
}

function compareLists(recorded: Json[], simulated: Json[], path: string, found: string[]): void {
  if ((recorded.length === 0) !== (simulated.length === 0)) {
    found.push(`${path}: ${recorded.length} items ≠ ${simulated.length} items`);
  }
  const groups = Map.groupBy(recorded, typeOf);
  for (const name of NAMES) {
    const [old, fresh] = [recorded, simulated].map((list) => valuesOf(list, name));
    if (old !== fresh) found.push(`${path}[].${name}: ${old} ≠ ${fresh}`);
  }
  const [lastOld, last] = [recorded, simulated].map((list) => list.at(-1) ?? null);
  if (isObject(last ?? null)) compareLast(lastOld ?? null, last ?? null, path, found);
  for (const item of simulated) {
    const like = groups.get(typeOf(item));
    if (!like) {
      found.push(`${path}: no recorded item is like ${show(item)}`);
    } else if (isObject(item)) {
      compareKeys(like.filter(isObject), item, path, found);
    } else if (kind(item) !== kind(like[0] ?? null)) {
      found.push(`${path}: ${show(like[0] ?? null)} ≠ ${show(item)}`);
    }
  }
}

/** The last line of a task's log says how it ended. */
function compareLast(recorded: Json, simulated: Json, path: string, found: string[]): void {
  const [old, fresh] = [recorded, simulated].map((item) => isObject(item) ? item["t"] : undefined);
  if (typeof old === "string" && old.startsWith("TASK") && old !== fresh) {
    found.push(`${path}[-1].t: ${old} ≠ ${fresh}`);
  }
}

function valuesOf(list: readonly Json[], name: string): string {
  const values = list.filter(isObject).map((item) => item[name]);
  return [...new Set(values.map((value) => JSON.stringify(value)))].sort().join();
}

/** Holds one object against what all recorded ones of its kind have. */
function compareKeys(
  recorded: { [key: string]: Json }[],
  simulated: { [key: string]: Json },
  path: string,
  found: string[],
): void {
  const names = new Set(recorded.flatMap((item) => Object.keys(item)));
  for (const name of names) {
    const always = recorded.every((item) => name in item);
    if (always && !(name in simulated) && !FREE.has(name)) found.push(`${path}.${name}: missing`);
    const kinds = recorded.filter((item) => name in item).map((item) => kind(item[name] ?? null));
    const value = simulated[name];
    if (value !== undefined && !kinds.includes(kind(value))) {
      found.push(`${path}.${name}: ${kinds[0]} ≠ ${kind(value)}`);
    }
  }
  for (const name of Object.keys(simulated)) {
    if (!names.has(name)) found.push(`${path}.${name}: not recorded`);
  }
}

function firstLine(value: Json): Json {
  return typeof value === "string" ? value.split("\n")[0] ?? "" : value;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return kind(value) === "object";
}

function kind(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
}

/** What is grouped in a list of all sorts: resources, by the kind in front of their id. */
function typeOf(value: Json): string {
  const id = isObject(value) ? value["id"] : undefined;
  return /^\/?([a-z]+)\//.exec(typeof id === "string" ? id : "")?.[1] ?? kind(value);
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
