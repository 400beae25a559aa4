import { Fields, readList } from "../../http/read.ts";
import type { Rest } from "../../http/rest.ts";
import { parseUpid } from "../upid.ts";
import { path } from "../../http/wire.ts";

/** A task, as lists show it. */
export interface TaskRow {
  readonly upid: string;
  readonly node: string;
  /** `vzcreate`, `vzstart` … */
  readonly type: string;
  /** Subject of the task: a vmid, a template; may be empty. */
  readonly id: string;
  readonly user: string;
  /** Seconds since the epoch. */
  readonly starttime: number;
  /** Seconds since the epoch; absent while it runs. */
  readonly endtime: number | undefined;
  /** End of it (`OK`, an error's text); absent while it runs. */
  readonly exitstatus: string | undefined;
}

/** A task, as it is now. */
export interface TaskStatus {
  readonly upid: string;
  readonly running: boolean;
  /** End of it: `OK`, `WARNINGS: n`, or an error's text; absent while it runs. */
  readonly exitstatus: string | undefined;
}

/** True if a task still runs, and how it ended. */
export async function status(rest: Rest, upid: string): Promise<TaskStatus> {
  const what = `${pathOf(upid)}/status`;
  const fields = new Fields(await rest.get(what), what);
  return {
    upid,
    running: fields.text("status") === "running",
    exitstatus: fields.optionalText("exitstatus"),
  };
}

/**
 * The lines of a task's log.
 *
 * @param start How many lines to leave out at the beginning.
 */
export async function log(rest: Rest, upid: string, start = 0): Promise<string[]> {
  const what = `${pathOf(upid)}/log`;
  // Without a limit of 0 only 50 lines come.
  const rows = await rest.get(what, { start, limit: 0 });
  const lines = readList(rows, what, (fields) => fields.optionalText("t") ?? "");
  // An empty log is shown as one line that is not in it.
  return lines.length === 1 && lines[0] === "no content" ? [] : lines;
}

/** Ends a running task; one that has ended stays as it is. Returns before the task has ended. */
export async function stop(rest: Rest, upid: string): Promise<void> {
  await rest.delete(pathOf(upid));
}

/** Which tasks of a node to list. */
export interface TaskFilter {
  readonly vmid?: number;
  /** 50 when absent. */
  readonly limit?: number;
  /** Only those that failed. */
  readonly errors?: boolean;
  /** Ended ones (`archive`, when absent), running ones, or both. */
  readonly source?: "archive" | "active" | "all";
  /** One type, like `vzcreate`. */
  readonly typefilter?: string;
}

/** The tasks of a node that the token may see, newest first. */
export async function list(rest: Rest, node: string, filter: TaskFilter = {}): Promise<TaskRow[]> {
  const what = path`/nodes/${node}/tasks`;
  return readList(await rest.get(what, { ...filter }), what, readTaskRow);
}

/** One row of a task list, where `status` holds what is elsewhere called `exitstatus`. */
export function readTaskRow(fields: Fields): TaskRow {
  const endtime = fields.optionalNumber("endtime");
  return {
    upid: fields.text("upid"),
    node: fields.node(),
    type: fields.text("type"),
    id: fields.optionalText("id") ?? "",
    user: fields.optionalText("user") ?? "",
    starttime: fields.number("starttime"),
    endtime,
    exitstatus: endtime === undefined ? undefined : fields.optionalText("status"),
  };
}

function pathOf(upid: string): string {
  return path`/nodes/${parseUpid(upid).node}/tasks/${upid}`;
}
