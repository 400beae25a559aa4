import { check, may } from "../../state/access.ts";
import { invalid } from "../../state/error.ts";
import { findTask, ownsTask, stopTask, taskView } from "../../state/tasks.ts";
import type { Task } from "../../state/cluster.ts";
import { type Call, nodeOf, Reply, type Route } from "../route.ts";

const FLAG = { type: "boolean", optional: true } as const;
const TEXT = { type: "string", optional: true } as const;
const COUNT = { type: "integer", optional: true, min: 0 } as const;
const TIME = { type: "integer", optional: true } as const;

/** /nodes/N/tasks. */
export const TASKS: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/tasks",
    params: {
      start: COUNT,
      limit: COUNT,
      errors: FLAG,
      since: TIME,
      until: TIME,
      source: { ...TEXT, enum: ["archive", "active", "all"] },
      statusfilter: TEXT,
      typefilter: TEXT,
      userfilter: TEXT,
      vmid: { type: "integer", optional: true, format: "pve-vmid" },
    },
    handle: list,
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}",
    handle: () => [{ name: "log" }, { name: "status" }],
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/status",
    handle: (call) => {
      const task = readable(call);
      const { exitstatus } = task;
      const end = exitstatus === undefined
        ? { status: "running" }
        : { status: "stopped", exitstatus };
      return { ...taskView(task), ...end };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/log",
    params: { start: COUNT, limit: COUNT, download: FLAG },
    handle: log,
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/tasks/{upid}",
    handle: async (call) => {
      const task = taskOf(call);
      if (!ownsTask(call.who, task)) {
        check(call.cluster, call.who, `/nodes/${nodeOf(call)}`, ["Sys.Modify"]);
      }
      await stopTask(task);
    },
  },
];

/** The task of the path: a node knows its own ones only. */
function taskOf(call: Call): Task {
  const task = findTask(call.cluster, call.at["upid"] ?? "");
  if (task.node !== nodeOf(call)) throw invalid({ upid: "no such task" });
  return task;
}

/** The task of the path, for who owns it or may read all. */
function readable(call: Call): Task {
  const task = taskOf(call);
  if (!ownsTask(call.who, task)) {
    check(call.cluster, call.who, `/nodes/${nodeOf(call)}`, ["Sys.Audit"]);
  }
  return task;
}

/** The list holds ended tasks, newest first; with their exit status as `status`. */
function list(call: Call): Reply {
  const { cluster, who, params } = call;
  const { start = "0", limit = "50", source = "archive", since, until } = params;
  const all = may(cluster, who, `/nodes/${nodeOf(call)}`, ["Sys.Audit"]);
  const tasks = [...cluster.tasks.values()].reverse().filter((task) =>
    task.node === nodeOf(call) && (all || ownsTask(who, task)) &&
    (source === "all" || (source === "active") === (task.exitstatus === undefined)) &&
    (params["vmid"] ?? task.id) === task.id && (params["typefilter"] ?? task.type) === task.type &&
    task.who.user.includes(params["userfilter"] ?? "") &&
    (since === undefined || task.starttime >= Number(since)) &&
    (until === undefined || task.starttime <= Number(until)) &&
    (params["errors"] !== "1" || task.exitstatus !== "OK")
  );
  const shown = tasks.slice(Number(start), Number(start) + Number(limit));
  return new Reply(
    shown.map((task) => ({
      ...taskView(task),
      status: task.exitstatus ?? "RUNNING",
      ...(task.endtime === undefined ? {} : { endtime: task.endtime }),
    })),
    { total: tasks.length },
  );
}

function log(call: Call): Reply {
  const { cluster, at, params } = call;
  const { start = "0", limit = "50", download } = params;
  if (/^UPID:/.test(at["upid"] ?? "") && !cluster.tasks.has(at["upid"] ?? "")) {
    const t = "unable to open file - No such file or directory";
    return new Reply([{ n: 1, t }], { total: 1 });
  }
  const { log } = readable(call);
  if (download === "1") return new Reply(null, {}, log.map((line) => `${line}\n`).join(""));
  if (log.length === 0) return new Reply([{ n: 1, t: "no content" }], { total: 0 });
  const to = limit === "0" ? undefined : Number(start) + Number(limit);
  const lines = log.map((t, i) => ({ n: i + 1, t })).slice(Number(start), to);
  return new Reply(lines, { total: log.length });
}
