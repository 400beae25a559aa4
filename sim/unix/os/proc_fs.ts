import { bytesOf } from "./bytes.ts";
import type { Process, System } from "./process.ts";
import { type DirNode, makeLink, makeVirtualDir, makeVirtualFile, type Node } from "./tree.ts";

/** Puts /proc in place: the processes of the system, and the few files scripts look at. */
export function mountProc(system: System, listening: () => readonly number[]): void {
  const file = (text: () => string) => makeVirtualFile(() => bytesOf(text()));
  const fixed = new Map<string, Node>([
    ["mounts", file(() => "/dev/loop0 / ext4 rw,relatime 0 0\n")],
    ["net", makeVirtualDir(() => new Map([["tcp", file(() => socketsText(listening()))]]))],
    ["self", makeSelf()],
  ]);
  const proc = makeVirtualDir(() => {
    const entries = new Map(fixed);
    for (const process of system.processes.values()) {
      entries.set(String(process.pid), processDir(process));
    }
    return entries;
  });
  system.tree.root.entries.set("proc", proc);
}

/** TCP listeners, on all addresses. */
function socketsText(ports: readonly number[]): string {
  const lines = ports.map((port, i) => {
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    return `   ${i}: 00000000:${hex} 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n`;
  });
  return `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n${
    lines.join("")
  }`;
}

/** Entries of /proc/self that are the same for all. */
function makeSelf(): DirNode {
  const uids = () => bytesOf("         0     100000      65536\n");
  return makeVirtualDir(() =>
    new Map<string, Node>([
      ["uid_map", makeVirtualFile(uids)],
      ["gid_map", makeVirtualFile(uids)],
      ["mounts", makeLink("/proc/mounts")],
    ])
  );
}

function processDir(process: Process): DirNode {
  const name = process.argv[0]?.split("/").at(-1) ?? "";
  const { pid, ppid } = process;
  const shown = (group: number) => Math.max(0, group);
  const text: Record<string, string> = {
    comm: `${name}\n`,
    cmdline: process.argv.map((word) => `${word}\0`).join(""),
    environ: [...process.env].map(([key, value]) => `${key}=${value}\0`).join(""),
    stat: `${pid} (${name}) S ${ppid} ${shown(process.pgid)} ${shown(process.sid)} 0 -1 0\n`,
    status: `Name:\t${name}\nState:\tS (sleeping)\nPid:\t${pid}\nPPid:\t${ppid}\n` +
      `Uid:\t${Array(4).fill(process.who.uid).join("\t")}\n`,
  };
  return makeVirtualDir(() =>
    new Map<string, Node>(
      Object.entries(text).map(([key, value]) => [key, makeVirtualFile(() => bytesOf(value))]),
    )
  );
}
