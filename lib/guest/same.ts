import { commandLine } from "../core/argv.ts";

/** Properties that tell a container from another one that has its VMID by now. */
export interface Same {
  /** The volume of its root disk and what its network knows it by, once that is known. */
  readonly birth: string | undefined;
  /**
   * Asks the cluster for it.
   *
   * @throws {PxrunError} Why the VMID is not that container any more.
   */
  look(signal: AbortSignal | undefined): Promise<string>;
}

/** Text that the node prints instead of entering another container. */
const OTHER = "pxrun: another container has the VMID";

/**
 * POSIX sh, in one line for the login shells that want that: goes on to a command ("$4" …) only if
 * the configuration of the container ("$1") has this root disk ("$2") and this hardware address or
 * hostname ("$3"). What has not been applied yet counts as well, what snapshots hold does not.
 */
const GUARD = 'cat "/etc/pve/lxc/$1.conf" 2>/dev/null | { v= m=; while read -r k x; do ' +
  "case $k in ?pve:pending?) ;; \\[*) break ;; " +
  'rootfs:) case ",$x," in *",$2,"*|*",volume=$2,"*) v=1 ;; esac ;; ' +
  'net[0-9]*:) case ",$x," in *,hwaddr=$3,*) m=1 ;; esac ;; ' +
  'hostname:) case $x in "$3") m=1 ;; esac ;; esac; done; ' +
  '[ -n "$v" ] && { [ -n "$m" ] || [ -z "$3" ]; }; } || ' +
  `{ echo "${OTHER}" >&2; exit 1; }; shift 3; exec "$@"`;

/** The root disk, and what `$3` of the guard matches: Proxmox keeps the case of an address. */
function marksOf(birth: string): [volume: string, mark: string] {
  const [volume = "", mark = ""] = birth.split(" ");
  if (mark === "undefined") return [volume, ""];
  const isAddress = /^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/.test(mark);
  const letters = (letter: string): string => `[${letter}${letter.toLowerCase()}]`;
  return [volume, isAddress ? mark.replace(/[A-F]/g, letters) : mark];
}

/** The command line that runs another one on the node, if the container is the one that is meant. */
export function guarded(vmid: number, birth: string, command: string): string {
  return `${commandLine(["sh", "-c", GUARD, "sh", `${vmid}`, ...marksOf(birth)])} ${command}`;
}

/** The same behind a shell of the node that waits for a line: {@linkcode goLine}. */
export function guardedOnceTold(vmid: number, command: string): string {
  const script = `read -r v m || exit; set -- ${vmid} "$v" "$m" "$@"; ${GUARD}`;
  return `${commandLine(["sh", "-c", script, "sh"])} ${command}`;
}

/** Line for which a waiting shell of the node continues. */
export function goLine(birth: string | undefined): string {
  return `${birth === undefined ? "go" : marksOf(birth).join(" ")}\n`;
}

/** True if the node did not enter the container for that reason. */
export function isOther(said: string): boolean {
  return said.split("\n").includes(OTHER);
}
