import type { Process } from "../unix/os/process.ts";
import { fromByteString, toByteString } from "../unix/os/bytes.ts";
import { callApi, findRoute } from "../cluster/rest/call.ts";
import type { Schema } from "../cluster/rest/check.ts";
import type { Method, Params } from "../cluster/rest/route.ts";
import { ROOT } from "../cluster/state/who.ts";
import { PveError } from "../cluster/state/error.ts";
import { findTask } from "../cluster/state/tasks.ts";
import type { Task } from "../cluster/state/cluster.ts";
import type { NodeContext } from "./context.ts";

/** A command line that its command cannot take; the message is all there is to say. */
export class CliError extends Error {
  readonly status: number;

  /**
   * @param message What goes to standard error.
   * @param status The exit status.
   */
  constructor(message: string, status = 255) {
    super(message);
    this.status = status;
  }
}

/** The words of a Proxmox command, taken apart. */
export interface CliWords {
  readonly options: Params;
  readonly words: readonly string[];
}

/** Options that every command with a result has. */
export const FORMAT: Schema = {
  "output-format": { type: "string", optional: true },
  "human-readable": { type: "boolean", optional: true },
  noborder: { type: "boolean", optional: true },
  noheader: { type: "boolean", optional: true },
  quiet: { type: "boolean", optional: true },
};

/** Reads options as Perl's Getopt::Long does for these commands. */
export function readWords(args: readonly string[], schema: Schema, usage: string): CliWords {
  const options: Record<string, string> = {};
  const words: string[] = [];
  const rest = args.map(fromByteString);
  for (let word; (word = rest.shift()) !== undefined;) {
    if (word === "--") {
      words.push(...rest.splice(0));
      break;
    }
    const match = /^--?([A-Za-z][\w-]*)(?:=([^]*))?$/.exec(word);
    if (match === null) {
      words.push(word);
      continue;
    }
    const [, name = "", value] = match;
    const param = schema[name] ?? schema[name.replace(/\d+$/, "[n]")];
    if (param === undefined) {
      throw new CliError(`Unknown option: ${name}\n400 unable to parse option\n${usage}\n`);
    }
    if (value !== undefined) options[name] = value;
    else if (param.type === "boolean" && /^$|^-/.test(rest[0] ?? "")) options[name] = "1";
    else options[name] = rest.shift() ?? "";
  }
  return { options, words };
}

/** The schema of a route, its format options included. */
export function schemaOf(method: Method, path: string): Schema {
  return { ...findRoute(method, path)?.route.params, ...FORMAT };
}

/** Options without those that only say how to print. */
export function apiParams(options: Params): Params {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !(name in FORMAT)));
}

/** Calls the API as root. */
export function call(
  { cluster }: NodeContext,
  method: Method,
  path: string,
  params: Params = {},
): Promise<unknown> {
  return callApi(cluster, ROOT, method, path, params);
}

/** Output of a finished task on the terminal. */
export interface TaskEnd {
  readonly upid: string;
  readonly failed: boolean;
}

/** Waits for a task in the foreground: shows its log; ends it when the command is killed. */
export async function watchTask(
  { cluster }: NodeContext,
  process: Process,
  upid: string,
): Promise<TaskEnd> {
  const task = findTask(cluster, upid);
  const stop = () => task.abort.abort(new PveError(500, "received interrupt"));
  // It may have been killed while the call was under way.
  if (process.ending.aborted) stop();
  process.ending.addEventListener("abort", stop, { once: true });
  try {
    await process.wait(task.done);
  } finally {
    process.ending.removeEventListener("abort", stop);
  }
  return await report(process, task);
}

async function report(process: Process, { upid, log, exitstatus = "" }: Task): Promise<TaskEnd> {
  const lines = log.filter((line) => !/^TASK (OK|WARNINGS|ERROR)\b/.test(line));
  await process.out(lines.map((line) => `${toByteString(line)}\n`).join(""));
  const warnings = /^WARNINGS: (\d+)/.exec(exitstatus)?.[1];
  if (warnings !== undefined) await process.err(`Task finished with ${warnings} warning(s)!\n`);
  const failed = exitstatus !== "OK" && warnings === undefined;
  if (failed) await process.err(`${toByteString(exitstatus)}\n`);
  return { upid, failed };
}

/** True if an answer is the name of a task. */
export function isUpid(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("UPID:");
}

/** Runs a command; a refusal becomes its text and its status. */
export async function guarded(
  process: Process,
  usage: string,
  run: () => Promise<number>,
): Promise<number> {
  if (process.who.uid !== 0) {
    await process.err("please run as root\n");
    return 255;
  }
  try {
    return await run();
  } catch (error) {
    if (error instanceof CliError) {
      await process.err(toByteString(error.message));
      return error.status;
    }
    if (!(error instanceof PveError)) throw error;
    await process.err(toByteString(refusal(error, usage)));
    return statusOf(error.message);
  }
}

function refusal({ status, message, errors }: PveError, usage: string): string {
  const details = Object.entries(errors ?? {}).map(([name, text]) => `${name}: ${text}\n`).join("");
  return status === 400 ? `400 ${message}\n${details}${usage}\n` : `${message}\n`;
}

/** Perl's die ends with errno, which some of its callers have left at ENOENT. */
function statusOf(message: string): number {
  const left = /^(Configuration file|Device|script|volume) .* does not exist$|^create user failed/;
  return left.test(message) ? 2 : 255;
}
