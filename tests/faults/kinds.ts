import type { Fault } from "../../sim/mod.ts";
import type { Row } from "./rows.ts";
import { HOSTNAME } from "./scenes.ts";
import type { Stage } from "./stage.ts";

/** One thing that can go wrong. */
export interface Kind {
  readonly name: string;
  /** For the document. */
  readonly meaning: string;
  /** Whether it can go wrong at this moment at all. */
  applies(row: Row): boolean;
  /** Lets it go wrong at the moment that has come. */
  strike(stage: Stage, row: Row): void;
}

/** How long a reply or a command is held up, in milliseconds of the cluster's time. */
const DELAY = 2_000;

const everywhere = (): boolean => true;
const byApi = ({ by }: Row): boolean => by === "API";
const bySsh = ({ by }: Row): boolean => by === "SSH";
const byCommand = ({ by, what }: Row): boolean => by === "SSH" && what !== "connect";
const byRequest = ({ by }: Row): boolean => by !== "SSH";
const onNode = ({ by, what }: Row): boolean => by === "API" && what.includes(" /nodes/pve01/");
const onGuest = ({ by, what }: Row): boolean => by === "API" && /\/lxc\/100(\/|$)/.test(what);
/** Acts on a container by `pct`, without saying which state of its configuration is meant. */
const byPct = ({ by, what, step, nth }: Row): boolean =>
  by === "SSH" &&
  (/\bpct\b/.test(what) || step === "options" && what === "sh -s" && nth === 1);

/** Steps of a create that come before there is a container. */
const BEFORE = /^(after )?(plan|download|directory:.*|tailscale-key)$/;

/** Between two calls, while there is a container: not between a comparison and its call, which no
 * one can see. */
const replaceable = (row: Row): boolean =>
  !byPct(row) && (row.scene !== "create" || !BEFORE.test(row.step));

const onStorage = ({ by, what }: Row): boolean =>
  by === "API" && /\/storage|^POST .*\/(aplinfo|lxc)$/.test(what);

/** Changes a container, in a task or at once. */
const changesGuest = ({ by, what }: Row): boolean =>
  by === "API" && !what.startsWith("GET ") && what.includes("/lxc");

/** A fault that strikes the request that has just come in, and no other. */
function once(name: Fault["name"], more: Partial<Fault> = {}): Kind["strike"] {
  return ({ simulator, path }, { what }) =>
    void simulator.inject({ name, method: what.split(" ")[0] ?? "", path, times: 1, ...more });
}

/** A fault that is there from now on. */
function standing(...faults: readonly Fault[]): Kind["strike"] {
  return ({ simulator }) => faults.forEach((fault) => simulator.inject(fault));
}

const status = (code: number, meaning: string): Kind => ({
  name: String(code),
  meaning,
  applies: byRequest,
  strike: (stage, row) =>
    row.by === "API" ? once("status", { status: code })(stage, row) : stage.failFetch(code),
});

function dropped(name: "drop" | "drop-reply"): Kind["strike"] {
  return (stage, row) => row.by === "API" ? once(name)(stage, row) : stage.failFetch(name);
}

/** Presses Ctrl-C. A request is carried out by then, and its reply is on its way. */
function interrupt(stage: Stage, { by }: Row): void {
  if (by === "SSH") stage.interrupt();
  else stage.onceHandled(stage.interrupt);
}

/**
 * The columns. A client that is killed says nothing: its column would be `cut`, judged by what
 * `pxrun cleanup` leaves.
 */
export const KINDS: readonly Kind[] = [
  {
    name: "drop",
    meaning: "the connection ends before the request is carried out",
    applies: byRequest,
    strike: dropped("drop"),
  },
  {
    name: "drop-reply",
    meaning: "the request is carried out, and the connection ends instead of the reply",
    applies: byRequest,
    strike: dropped("drop-reply"),
  },
  {
    name: "delay",
    meaning: `the request or the command is held up for ${DELAY / 1000} s`,
    applies: (row) => byApi(row) || byCommand(row),
    strike(stage, row) {
      if (row.by === "API") return once("delay", { ms: DELAY })(stage, row);
      const end = stage.simulator.ssh.inject({ name: "delay", ms: DELAY });
      queueMicrotask(end);
    },
  },
  status(502, "a proxy answers Bad Gateway; nothing is carried out"),
  status(503, "the same with Service Unavailable"),
  status(504, "the same with Gateway Timeout"),
  status(595, "a node of the cluster cannot connect to the one that is meant"),
  status(596, "the same with a connection that timed out"),
  {
    name: "lock",
    meaning: "a backup locks the container, and does not end",
    applies: onGuest,
    strike: once("lock"),
  },
  {
    name: "busy",
    meaning: "another client holds the container's configuration file for too long",
    applies: changesGuest,
    strike: standing({ name: "busy", times: 1 }),
  },
  {
    name: "task-failure",
    meaning: "the task that the request starts fails",
    applies: ({ task }) => task !== undefined,
    strike: ({ simulator }, { task = "" }) =>
      void simulator.inject({ name: "task-failure", type: task, times: 1 }),
  },
  {
    name: "full-storage",
    meaning: "no storage has room from here on",
    applies: onStorage,
    strike: standing({ name: "full-storage" }),
  },
  {
    name: "storage-inactive",
    meaning: "no storage can be reached from here on",
    applies: onStorage,
    strike: standing({ name: "storage-inactive" }),
  },
  {
    name: "node-down",
    meaning: "the node is offline from here on, as the other nodes see it; SSH still connects",
    applies: onNode,
    strike: standing({ name: "node-down", node: "pve01" }),
  },
  {
    name: "vmid-taken",
    meaning: "another client takes the VMID just before",
    applies: ({ what }) => /^POST .*\/lxc$/.test(what),
    strike: standing({ name: "vmid-taken", times: 1 }),
  },
  {
    name: "replaced",
    meaning: "another client's guest has the container's VMID from here on",
    applies: replaceable,
    strike(stage, row) {
      // Whoever takes it between a comparison and its call cannot be seen.
      if (changesGuest(row)) stage.onceHandled(() => stage.replace());
      else stage.replace();
    },
  },
  {
    name: "replaced-while-busy",
    meaning: "as busy, and meanwhile another client's guest of the same name gets the VMID",
    applies: (row) => changesGuest(row) && onGuest(row),
    strike: standing({
      name: "replaced-while-busy",
      path: "/lxc/100",
      message: HOSTNAME,
      times: 1,
    }),
  },
  {
    name: "refuse",
    meaning: "the SSH connection ends, and new ones are refused from here on",
    applies: bySsh,
    strike({ simulator: { ssh } }) {
      ssh.inject({ name: "refuse" });
      ssh.inject({ name: "drop-exec" });
    },
  },
  {
    name: "drop-exec",
    meaning: "the SSH connection ends instead of running the command",
    applies: byCommand,
    strike: ({ simulator: { ssh } }) => void ssh.inject({ name: "drop-exec" }),
  },
  {
    name: "drop-packet",
    meaning: "the SSH connection ends at the next piece of data from the client",
    applies: bySsh,
    strike: ({ simulator: { ssh } }) => void ssh.inject({ name: "drop-packet" }),
  },
  {
    name: "cut",
    meaning: "the request is carried out, and the network is down from here on",
    applies: everywhere,
    strike(stage, row) {
      const { simulator } = stage;
      const others = (): void => {
        simulator.inject({ name: "drop" });
        simulator.ssh.inject({ name: "refuse" });
        simulator.ssh.inject({ name: "drop-exec" });
      };
      stage.failFetch(row.by === "tailnet" ? "drop-reply" : "drop", true);
      if (row.by !== "API") return others();
      once("drop-reply")(stage, row);
      stage.onceHandled(others);
    },
  },
  {
    name: "INT",
    meaning: "Ctrl-C while the command runs, or when the request is carried out",
    applies: everywhere,
    strike: interrupt,
  },
  {
    name: "INT INT",
    meaning: "the same, and again as soon as it rolls back",
    applies: ({ scene, step }) => scene === "create" && step !== "plan",
    strike(stage, row) {
      stage.onceUndoing(stage.interrupt);
      interrupt(stage, row);
    },
  },
];

/** The kind of this name. */
export function kindOf(name: string): Kind {
  const kind = KINDS.find((one) => one.name === name);
  if (kind === undefined) throw new TypeError(`there is no kind ${name}`);
  return kind;
}
