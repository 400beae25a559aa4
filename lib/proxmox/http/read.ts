import { parseList, parseProperties } from "./properties.ts";
import { ProxmoxError } from "./errors.ts";
import { isRecord } from "./wire.ts";

/**
 * One JSON object of a reply. Its readers hold the reply to what it should be,
 * and bring Proxmox's mixed spellings to one: `1`, `"1"` and `true` are true,
 * `"200"` is 200, null is absent.
 */
export class Fields {
  readonly #row: Readonly<Record<string, unknown>>;
  readonly #what: string;

  /**
   * @param value What should be a JSON object.
   * @param what What it is, for the error: "a guest of /cluster/resources".
   */
  constructor(value: unknown, what: string) {
    if (!isRecord(value)) throw unexpected(what, "an object", value);
    this.#row = value;
    this.#what = what;
  }

  /** The names of all fields that have a value. */
  names(): string[] {
    return Object.keys(this.#row).filter((name) => this.#row[name] !== null);
  }

  /** A field as it came, in one spelling: to be compared, not to be shown. */
  literal(name: string): string {
    return JSON.stringify(this.#row[name]) ?? "";
  }

  /** A text that must be there. */
  text(name: string): string {
    return this.optionalText(name) ?? this.#fail(name, "a text");
  }

  /** A text, undefined where there is none. Numbers become text. */
  optionalText(name: string): string | undefined {
    const value = this.#row[name] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    return typeof value === "number" ? String(value) : this.#fail(name, "a text");
  }

  /** A word such as a lock or a name, undefined where there is none: nothing at all is none. */
  optionalWord(name: string): string | undefined {
    return this.optionalText(name) || undefined;
  }

  /** The number of a guest, as Proxmox bounds it. */
  vmid(name = "vmid"): number {
    const value = this.number(name);
    if (Number.isInteger(value) && value >= 100 && value <= 999_999_999) return value;
    return this.#fail(name, "a vmid");
  }

  /** The name of a node. It becomes part of commands, and no option of one. */
  node(name = "node"): string {
    const value = this.text(name);
    return /^[A-Za-z0-9][\w.-]*$/.test(value) ? value : this.#fail(name, "the name of a node");
  }

  /** A number that must be there. */
  number(name: string): number {
    return this.optionalNumber(name) ?? this.#fail(name, "a number");
  }

  /** A number, undefined where there is none. */
  optionalNumber(name: string): number | undefined {
    if ((this.#row[name] ?? undefined) === undefined) return undefined;
    return this.amount(name) ?? this.#fail(name, "a number");
  }

  /** A number that is only shown or weighed, as of use: undefined where it is none. */
  amount(name: string): number | undefined {
    const value = this.#row[name];
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number) ? number : undefined;
  }

  /** A yes or no; false where there is none. */
  flag(name: string): boolean {
    const value = this.#row[name] ?? false;
    if (value === true || value === 1 || value === "1") return true;
    if (value === false || value === 0 || value === "0" || value === "") return false;
    return this.#fail(name, "1 or 0");
  }

  /** The parts of a text like `a,b;c`; none where there is none. */
  words(name: string): string[] {
    return parseList(this.optionalText(name) ?? "");
  }

  /** A list of texts, written as such or like `a,b;c`; none where there is none. */
  texts(name: string): string[] {
    const value = this.#row[name];
    if (!Array.isArray(value)) return this.words(name);
    return value.map((text) => typeof text === "string" ? text : this.#fail(name, "texts"));
  }

  /** A field that is an object itself. */
  fields(name: string): Fields {
    return new Fields(this.#row[name], `${name} of ${this.#what}`);
  }

  /** A field that holds properties, as an object or as `a=1,b=2`; empty where there is none. */
  properties(name: string): Fields {
    const value = this.#row[name] ?? {};
    const parts = typeof value === "string" ? parseProperties(value) : value;
    return new Fields(parts, `${name} of ${this.#what}`);
  }

  /** A field that is a list of objects; undefined where there is none. */
  optionalList<T>(name: string, read: (fields: Fields) => T): T[] | undefined {
    const value = this.#row[name] ?? undefined;
    return value === undefined ? undefined : readList(value, `${name} of ${this.#what}`, read);
  }

  #fail(name: string, wanted: string): never {
    throw unexpected(`${name} of ${this.#what}`, wanted, this.#row[name]);
  }
}

/** A reply that should be a list of objects. */
export function readList<T>(value: unknown, what: string, read: (fields: Fields) => T): T[] {
  if (!Array.isArray(value)) throw unexpected(what, "a list", value);
  return value.map((row) => read(new Fields(row, `an entry of ${what}`)));
}

/** It is printed as part of a command to type. */
const UPID = /^UPID:[\w.:@!+-]+$/;

/** A reply that should be the UPID of a task that was started. */
export function readUpid(value: unknown, what: string): string {
  if (typeof value === "string" && UPID.test(value)) return value;
  throw unexpected(what, "a UPID", value);
}

/** A reply that is not what the API's schema promises. */
export function unexpected(what: string, wanted: string, value: unknown): ProxmoxError {
  const shown = (JSON.stringify(value) ?? "nothing").slice(0, 80);
  const text = `unexpected reply: ${what} should be ${wanted}, not ${shown}`;
  return new ProxmoxError(text, {
    status: 200,
    text,
    hint: "is the other side Proxmox VE 8.4 or newer, and its URL complete?",
  });
}
