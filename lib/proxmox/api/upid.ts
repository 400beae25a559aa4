import { PxrunError } from "../../core/errors.ts";

/** Parts of a task's identifier. */
export interface Upid {
  /** Node of the task. */
  readonly node: string;
  readonly pid: number;
  /** Seconds since the epoch. */
  readonly starttime: number;
  /** `vzcreate`, `vzstart`, `download` … */
  readonly type: string;
  /** Subject of the task: a vmid, a template; may be empty. */
  readonly id: string;
  /** User who started it: `root@pam`, or a token's `root@pam!name`. */
  readonly user: string;
}

const SHAPE =
  /^UPID:(?<node>[\w.-]+):(?<pid>[\dA-F]{8}):[\dA-F]{8,9}:(?<starttime>[\dA-F]{8}):(?<type>[^:\s]+):(?<id>[^:\s]*):(?<user>[^:\s]+):$/i;

/**
 * Takes a task's identifier apart.
 *
 * @throws {PxrunError} USAGE when it is none.
 */
export function parseUpid(text: string): Upid {
  const groups = SHAPE.exec(text)?.groups;
  if (groups === undefined) {
    throw new PxrunError("USAGE", `'${text}' is not a UPID`, {
      hint: "it looks like UPID:node:0000ABCD:00012345:6B039D73:vzcreate:105:root@pam:",
    });
  }
  const { node = "", pid = "", starttime = "", type = "", id = "", user = "" } = groups;
  return { node, pid: parseInt(pid, 16), starttime: parseInt(starttime, 16), type, id, user };
}

/** A task in words: `task vzcreate 105 on pve01`. */
export function describeTask(upid: string): string {
  const { node, type, id } = parseUpid(upid);
  return `task ${[type, id].filter((word) => word !== "").join(" ")} on ${node}`;
}
