import type { Cluster } from "../state/cluster.ts";
import type { Who } from "../state/who.ts";
import type { Schema } from "./check.ts";

/** Parameters by name, as a form or a command line carries them. */
export type Params = Readonly<Record<string, string>>;

/** Parameters that may be sent. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Context of a handler. */
export interface Call {
  readonly cluster: Cluster;
  readonly who: Who;
  /** The `{…}` of the path, decoded. */
  readonly at: Params;
  /** The other parameters, checked. */
  readonly params: Params;
}

/** A reply that is more than its data. */
export class Reply {
  /** Value of `data`. */
  readonly data: unknown;
  /** Value beside `data`: the total of a list that was cut. */
  readonly beside: Readonly<Record<string, unknown>>;
  /** The whole body, where it is no JSON. */
  readonly text: string | undefined;

  /**
   * @param data What stands under `data`.
   * @param beside What stands beside it.
   * @param text The whole body, where it is no JSON.
   */
  constructor(data: unknown, beside: Readonly<Record<string, unknown>> = {}, text?: string) {
    this.data = data;
    this.beside = beside;
    this.text = text;
  }
}

/** A right that a route asks for before anything else. */
export interface RouteRight {
  /** With the `{…}` of the route's path. */
  readonly path: string;
  readonly privileges: readonly string[];
  /** True if one of them is enough. */
  readonly any?: boolean;
}

/** One method of one path. */
export interface Route {
  readonly method: Method;
  /** Below /api2/json. */
  readonly path: string;
  readonly right?: RouteRight;
  /** True if it can be called without logging in. */
  readonly open?: boolean;
  readonly params?: Schema;
  readonly handle: (call: Call) => unknown;
}

/** The vmid of a path. */
export function vmidOf({ at }: Call): number {
  return Number(at["vmid"]);
}

/** The node of a path. */
export function nodeOf({ at }: Call): string {
  return at["node"] ?? "";
}

/** Undoes percent-encoding; what is none stays as it is. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
