import type { Cluster } from "../../sim/mod.ts";
import type { Scene, Step } from "./between.ts";
import { recordedNode, TIMINGS } from "./recorded_node.ts";
import { readRecordings, type Recording, type Recordings } from "./recordings.ts";
import type { Session } from "./replay.ts";
import { readLines } from "./recordings.ts";
import type { SshRecording } from "./ssh_recordings.ts";

/** What only the recorded node does, by a rule about labels. */
export interface NodeRule {
  /** `skip`: it is not sent. `differs`: it is sent, and may be answered in another way. */
  readonly what: "skip" | "differs";
  /** Number of labels that it is about. */
  readonly count: number;
  readonly pattern: RegExp;
  readonly reason: string;
}

/** The second set, as far as the simulator has to answer it. */
export interface Day2 {
  readonly recordings: Recordings;
  readonly session: Session;
  readonly rules: readonly NodeRule[];
  /** Labels of all exchanges and commands of its scenes, also of those that are not sent. */
  readonly labels: readonly string[];
  /** Every scene of the set. */
  readonly scenes: ReadonlySet<string>;
}

type Numbered<T> = T & { readonly n: number };

/** Scenes that the simulator answers; of `read`, only what is about pools. */
const SCENES =
  /^(config|config-(net|net-broken|revert|reboot|mount|root|stopped-error|mixed)|resize): |^read: (setup|pool)/;

/** When the node was booted, from the start time and the ticks of its first task. */
const BOOTED = 1_796_087_569_000 - 318_562 * 10;

/** The rules of node.txt: `skip 2 /pattern/ reason`. */
function readRules(): NodeRule[] {
  const text = Deno.readTextFileSync(new URL("./node.txt", import.meta.url));
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [, what, count, pattern = "", reason = ""] =
      /^(skip|differs) (\d+) \/(.+)\/ (\S.+)$/.exec(line) ?? [];
    if (what !== "skip" && what !== "differs") throw new Error(`not a rule: ${line}`);
    return { what, count: Number(count), pattern: new RegExp(pattern), reason };
  });
}

/** Reads the second set. */
export function readDay2(): Day2 {
  const rules = readRules();
  const all = readRecordings("day2");
  const lines = readLines<Numbered<SshRecording>>("day2", "ssh.jsonl");
  const skipped = (label: string) =>
    rules.some(({ what, pattern }) => what === "skip" && pattern.test(label));
  const sent = (label: string) => SCENES.test(label) && !skipped(label);
  const recordings = new Map([...all].filter(([name]) => sent(name)));
  const order = [...recordings].map(([name, one]) => ({ name, n: numberOf(one) }));
  const commands = new Map<string, SshRecording[]>();
  for (const line of lines.filter(({ label }) => sent(label))) {
    const next = order.find(({ n }) => n > line.n)?.name;
    if (next === undefined) throw new Error(`nothing follows upon ${line.label}`);
    commands.set(next, [...commands.get(next) ?? [], line]);
  }
  const labels = [...all.keys(), ...lines.map(({ label }) => label)];
  return {
    recordings,
    rules,
    labels: labels.filter((label) => SCENES.test(label)),
    scenes: new Set(labels.map((label) => label.split(":")[0] ?? "")),
    session: {
      preset: preset(),
      timings: TIMINGS,
      start: 1_796_087_568_000,
      bootedAt: BOOTED,
      between: { ...Object.fromEntries(waits(recordings)), ...STEPS },
      commands,
    },
  };
}

function numberOf(recording: Recording): number {
  return Number(Reflect.get(recording, "n"));
}

/** The recorder looked at interfaces when their addresses were there. */
function waits(recordings: Recordings): [string, Step][] {
  return [...recordings.keys()].filter((name) => / interfaces(?: at the end)?$/.test(name))
    .map((name) => [name, ({ clock }: Scene) => clock.advance(4_000)]);
}

function preset(): Session["preset"] {
  const node = recordedNode();
  const [dir, btrfs] = node.storages;
  const [home] = node.nodes;
  const [template] = node.volumes ?? [];
  if (!dir || !btrfs || !home || !template) throw new Error("the recorded node lacks something");
  const bridge = { type: "bridge", isolated: true } as const;
  const paths = ["/srv", "/srv/rec-bind", "/dev/net/tun", "/dev/fuse", "/dev/kvm"];
  return {
    ...node,
    nodes: [{
      ...home,
      bootedAt: BOOTED,
      tellsAt: BOOTED - 800,
      ifaces: [
        ...home.ifaces.map((iface) => iface.type === "bridge" ? { ...iface, ...bridge } : iface),
        { iface: "vmbr1", cidr: "10.98.0.1/24", ...bridge },
      ],
      pathExists: (path) => paths.includes(path),
    }],
    storages: [
      dir,
      btrfs,
      {
        ...dir,
        id: "small",
        content: ["images", "rootdir"],
        total: 900 * 1024 ** 2,
        used: 0,
        path: "/srv/small",
      },
    ],
    volumes: [template, {
      ...template,
      volid: "local:snippets/rec-hook.sh",
      content: "snippets",
      format: "snippet",
      size: 30,
      used: 30,
    }],
    pools: ["ci", "dev"].map((id) => ({ id, comment: "", storages: new Set<string>() })),
  };
}

/** What the recorder did by other means, by the name of the exchange that came next. */
const STEPS: Readonly<Record<string, Step>> = {
  // A scene that is not replayed lies between: it left both without lock and pending changes.
  "config-net: running: start clean: reboot": ({ cluster }) => {
    for (const vmid of [600, 601]) {
      const ct = cluster.cts.get(vmid);
      if (!ct) continue;
      Object.assign(ct, { pending: {}, deleting: new Set() });
      delete ct.config["lock"];
    }
  },
  // Its start had failed there.
  "config-stopped-error: before → pending": stopped(606),
  // Other reads lay between, until the node had told of the container.
  "read: pools": ({ clock }) => clock.advance(11_000),
  // It had been stopped since the scene before.
  "config-reboot: running: clean up: revert": stopped(600),
  "config-mount: running: after the rescan → config current=1": rescan(602),
  "config-stopped-error: rescan → config current=1": rescan(606),
  "config-mixed: rescan → config current=1": rescan(607),
};

/** What had ended by other means. */
function stopped(vmid: number): Step {
  return async ({ cluster }) => {
    const ct = cluster.cts.get(vmid);
    Object.assign(ct ?? {}, { status: "stopped", startedAt: undefined, links: [] });
    await ct?.guest?.stop();
  };
}

/** `pct rescan`: volumes that nothing names become unusedN. */
function rescan(vmid: number): Step {
  return ({ cluster }: { cluster: Cluster }) => {
    const ct = cluster.cts.get(vmid);
    if (!ct) return;
    const used = Object.values(ct.config).map((value) => value.split(",")[0]);
    for (const { volid } of cluster.volumes.filter((volume) => volume.vmid === vmid)) {
      if (used.includes(volid)) continue;
      let number = 0;
      while (ct.config[`unused${number}`] !== undefined) number++;
      ct.config[`unused${number}`] = volid;
    }
  };
}
