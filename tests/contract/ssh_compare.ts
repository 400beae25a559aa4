import { differences } from "./compare.ts";
import type { SshRecording } from "./ssh_recordings.ts";

/** How a simulated command ended. */
export interface SshOutcome {
  /** null: it still ran when the client was killed. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The recorded node had no index of TurnKey's templates, and says so on every look at it. */
const NO_TURNKEY =
  "unable to open file '/var/lib/pve-manager/apl-info/releases.turnkeylinux.org' - No such file or directory\n";

/**
 * What differs between a recorded command and a simulated one: the exit status
 * and standard error as text, standard output by shape. JSON must have the same
 * keys and types; other text must be the same but for numbers, times and the
 * like, and for the lines of {@linkcode FREE}.
 */
export function sshDifferences(recorded: SshRecording, simulated: SshOutcome): string[] {
  const found: string[] = [];
  const compare = (what: string, left: unknown, right: unknown) => {
    if (left !== right) found.push(`${what}: ${JSON.stringify(left)} ≠ ${JSON.stringify(right)}`);
  };
  compare("exit", recorded.exit, simulated.exit);
  if (recorded.exit === null) return found;
  const stderr = recorded.stderr.replace(NO_TURNKEY, "");
  compare("stderr", stderr, simulated.stderr);
  const [left, right] = [json(recorded.stdout), json(simulated.stdout)];
  if (left !== undefined && right !== undefined) {
    const body = (data: unknown) => ({ status: 0, reason: "", body: { data } });
    found.push(...differences(body(left), body(right)));
  } else compare("stdout", shape(recorded.stdout), shape(simulated.stdout));
  return found;
}

function json(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lines of a task's log that differ from one container to the next, and are nobody's contract. */
const FREE = /^(Superblock backups|\t\d+(, \d+)*$|Total bytes read|Formatting|Creating filesystem)/;

/** Text without what differs from run to run. */
export function shape(text: string): string {
  return text.split("\n").filter((line) => !FREE.test(line)).join("\n")
    .replace(/running kernel: [^)]+/g, "<kernel>")
    .replace(/UPID:[^\s"]+/g, "<upid>")
    .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "<uuid>")
    .replace(/SHA256:\S+/g, "<key>")
    .replace(/ssh_host_\w+_key/g, "<key file>")
    .replace(/\b[\dA-F]{2}(:[\dA-F]{2}){5,}\b/gi, "<hex>")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<time>")
    .replace(/\b[A-Z][a-z]{2} [ \d]\d (\d\d:\d\d| \d{4})/g, "<time>")
    .replace(/\d+(\.\d+)?/g, "#")
    .replace(/ +/g, " ");
}
