import { limits } from "../core/limits.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import { untilAborted } from "../core/within.ts";
import { within } from "../core/within.ts";
import type { SshTransport } from "../ssh/client/transport.ts";
import { trySudo } from "../operations/inspect/sudo.ts";
import { type Finding, findingsOf } from "./finding.ts";

/** Findings about a node by SSH. */
export interface NodeSeen {
  readonly node: string;
  readonly findings: readonly Finding[];
  /** The reason why there is no connection, if there is none. */
  readonly error?: PxrunError;
  /** Seconds that its clock is ahead of this one. */
  readonly skew?: number;
}

/** The index is renewed every day by itself; older than this number of days it is not. */
const STALE_INDEX = 30;

const DAY = 86_400_000;

/** Prints the facts about a node as NAME=VALUE lines; it reads, and nothing else. */
const INSPECT = `PATH=$PATH:/usr/sbin:/sbin
echo "now=$(date +%s)"
echo "name=$(hostname)"
for p in pct lxc-attach; do command -v $p >/dev/null 2>&1 && echo "has=$p"; done
for f in /var/lib/pve-manager/apl-info/*; do [ -f "$f" ] && echo "index=$(stat -c %Y "$f")"; done
exit 0`;

/**
 * Connects to a node by SSH as every command does, and inspects it.
 *
 * @param asks True if the user may be asked for a passphrase meanwhile.
 */
export async function checkSsh(
  cluster: Cluster,
  node: string,
  asks: boolean,
  signal: AbortSignal,
): Promise<NodeSeen> {
  const { clock } = cluster.platform;
  const ms = asks ? limits.doctor.typing : limits.doctor.ssh;
  try {
    return await within({ clock, ms, what: `inspecting ${node}`, signal }, async (late) => {
      const { host, port, user, from } = await untilAborted(cluster.route(node), late);
      const ssh = await cluster.ssh(node, late);
      const seen = await inspect(ssh, late);
      const place = `${user}@${host}${port === 22 ? "" : `:${port}`}`;
      const where = `${node} as ${place}${from === undefined ? "" : ` (from ${from})`}`;
      const bySudo = user !== "root" && seen.has.includes("pct");
      const findings = [
        identity(node, where, seen),
        programs(node, place, seen),
        ...(bySudo ? [sudo(await untilAborted(trySudo(ssh, node, user), late), node, user)] : []),
        ...templateIndex(node, seen, clock.now()),
      ];
      const skew = seen.now === undefined ? {} : { skew: seen.now - clock.now() / 1000 };
      return { node, findings, ...skew };
    });
  } catch (error) {
    const remedy = `PXRUN_SSH_NODES=${node}=root@ADDRESS says where it is`;
    const finding = findingsOf("ssh", node).failedBy(error, signal, remedy);
    const message = finding.message.includes(node)
      ? finding.message
      : `${node}: ${finding.message}`;
    const known = error instanceof PxrunError ? { error } : {};
    return { node, findings: [{ ...finding, message }], ...known };
  }
}

interface Seen {
  /** Seconds since the epoch. */
  readonly now: number | undefined;
  readonly name: string | undefined;
  readonly has: readonly string[];
  /** Time at which the newest template index was written, in seconds since the epoch. */
  readonly index: number | undefined;
}

async function inspect(ssh: SshTransport, signal: AbortSignal): Promise<Seen> {
  const { stdout } = await ssh.exec(commandLine(["sh", "-c", INSPECT]), { signal });
  const lines = new TextDecoder().decode(stdout).split("\n");
  const all = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
  const number = (text: string | undefined): number | undefined =>
    text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  return {
    now: number(all("now")[0]),
    name: all("name")[0]?.split(".")[0],
    has: all("has"),
    index: number(all("index").toSorted().at(-1)),
  };
}

function identity(node: string, where: string, { name }: Seen): Finding {
  const { ok, failed } = findingsOf("ssh", node);
  if (name === undefined || name === node.split(".")[0]) {
    return ok(`${where}: host key known, logged in`);
  }
  return failed(
    `${where} leads to a host that calls itself ${name}`,
    `correct its address: PXRUN_SSH_NODES=${node}=root@ADDRESS, or "Host ${node}" in ssh_config`,
  );
}

function programs(node: string, place: string, { has }: Seen): Finding {
  const { ok, warning, failed } = findingsOf("pct", node);
  if (!has.includes("pct")) {
    return failed(
      `there is no pct on ${node} (${place})`,
      `is ${place} a node of Proxmox VE? PXRUN_SSH_NODES=${node}=root@ADDRESS says where it is; ` +
        "if it is one: `apt install pve-container`",
    );
  }
  if (has.includes("lxc-attach")) return ok(`pct and lxc-attach are on ${node}`);
  return warning(
    `there is no lxc-attach on ${node}: pct takes its place, a second slower at each step`,
    "on the node: `apt install lxc-pve`",
  );
}

function sudo(
  problem: Awaited<ReturnType<typeof trySudo>>,
  node: string,
  user: string,
): Finding {
  const { ok, failed } = findingsOf("sudo", node);
  return problem === undefined
    ? ok(`${user} may enter containers on ${node} by sudo`)
    : failed(problem.message, problem.hint ?? "SSH_USER=root");
}

function templateIndex(node: string, { index }: Seen, now: number): Finding[] {
  const days = index === undefined ? 0 : Math.floor((now - index * 1000) / DAY);
  if (days <= STALE_INDEX) return [];
  const { warning } = findingsOf("templates", node);
  const message = `the template index of ${node} is ${days} days old`;
  return [warning(message, `on ${node}: \`pveam update\``)];
}
