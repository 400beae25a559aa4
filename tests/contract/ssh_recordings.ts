/** One command over SSH to a real node. */
export interface SshRecording {
  readonly label: string;
  readonly command: string;
  readonly stdin?: string | null;
  /** null: the client was killed. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  readonly ssh_options?: readonly string[];
}

const FULL = new URL("../../../shared/pve/ssh.jsonl", import.meta.url);
const SLICE = new URL("./fixtures/ssh.jsonl", import.meta.url);

/** The recorded commands of a real node: all where they are at hand, else a committed few. */
export function readSshRecordings(): { full: boolean; recordings: SshRecording[] } {
  const lines = (file: URL) =>
    Deno.readTextFileSync(file).split("\n").filter((line) => line !== "")
      .map((line): SshRecording => JSON.parse(line));
  try {
    return { full: true, recordings: lines(FULL) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { full: false, recordings: lines(SLICE) };
  }
}

/** The committed few alone. */
export function readSshSlice(): SshRecording[] {
  return Deno.readTextFileSync(SLICE).split("\n").filter((line) => line !== "")
    .map((line): SshRecording => JSON.parse(line));
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
