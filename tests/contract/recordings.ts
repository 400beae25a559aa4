/** One exchange with a real node. */
export interface Recording {
  readonly label: string;
  /** Null where only bytes were recorded. */
  readonly method: string | null;
  readonly path: string | null;
  readonly params: Readonly<Record<string, unknown>> | string | null;
  readonly encoding: "form" | "json" | "query" | "multipart" | null;
  readonly token: string | null;
  /** Null where the node closed the connection without a reply. */
  readonly status: number | null;
  readonly reason: string | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly ms: number;
  readonly body?: unknown;
  /** Instead of `body` where that was not JSON. */
  readonly text?: string | null;
  readonly raw_request?: string;
  readonly raw_response?: string;
}

/** The two sets: a session from nothing to a destroyed container, and what is done on later days. */
export type RecordingSet = "session" | "day2";

const DIRECTORIES: Readonly<Record<RecordingSet, string>> = {
  session: "./recordings",
  day2: "./recordings/day2",
};

/** Recordings in their order, each under its label, numbered where several share one. */
export type Recordings = ReadonlyMap<string, Recording>;

/** All REST exchanges of a set. */
export function readRecordings(set: RecordingSet = "session"): Recordings {
  const recordings = new Map<string, Recording>();
  for (const recording of readLines<Recording>(set, "http.jsonl")) {
    let name = recording.label;
    for (let n = 2; recordings.has(name); n++) name = `${recording.label} (${n})`;
    recordings.set(name, recording);
  }
  return recordings;
}

/** The lines of one file of a set, parsed. */
export function readLines<T>(set: RecordingSet, file: string): T[] {
  const url = new URL(`${DIRECTORIES[set]}/${file}`, import.meta.url);
  return Deno.readTextFileSync(url).split("\n").filter((line) => line !== "")
    .map((line): T => JSON.parse(line));
}
