import { readLines, type RecordingSet } from "./recordings.ts";

/** One command over SSH to a real node. */
export interface SshRecording {
  readonly label: string;
  readonly command: string;
  readonly stdin?: string | null;
  /** null: the client was killed. */
  readonly exit: number | null;
  /** Empty where the client was killed: no one read it. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  readonly ssh_options?: readonly string[];
}

/** All recorded commands of a set. */
export function readSshRecordings(set: RecordingSet = "session"): SshRecording[] {
  return readLines<SshRecording>(set, "ssh.jsonl")
    .map((line) => ({ ...line, stdout: line.stdout ?? "", stderr: line.stderr ?? "" }));
}

/** A name for each command: the beginning of its text, numbered where several begin alike. */
export function sshNames(recordings: readonly SshRecording[]): string[] {
  const seen = new Map<string, number>();
  return recordings.map(({ command }) => {
    const name = command.slice(0, 90).trimEnd();
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}
