/** One exchange with a real node. */
export interface Recording {
  readonly label: string;
  readonly method: string | null;
  readonly path: string | null;
  readonly params: Readonly<Record<string, unknown>> | string | null;
  readonly encoding: "form" | "json" | "query" | null;
  readonly token: string | null;
  readonly status: number | null;
  readonly reason: string | null;
  readonly ms: number;
  readonly body?: unknown;
  readonly text?: string | null;
  readonly raw_request?: string;
  readonly raw_response?: string;
}

const FULL = new URL("../../../shared/pve/http.jsonl", import.meta.url);
const SLICE = new URL("./fixtures/replay.jsonl", import.meta.url);

/** Recordings in their order, each under its label, numbered where several share one. */
export type Recordings = ReadonlyMap<string, Recording>;

/** All recordings of a real node, where they are at hand. */
export function readAll(): Recordings | undefined {
  try {
    return read(FULL);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The committed few. */
export function readSlice(): Recordings {
  return read(SLICE);
}

function read(file: URL): Recordings {
  const recordings = new Map<string, Recording>();
  for (const line of Deno.readTextFileSync(file).split("\n")) {
    if (line === "") continue;
    const recording: Recording = JSON.parse(line);
    let name = recording.label;
    for (let n = 2; recordings.has(name); n++) name = `${recording.label} (${n})`;
    recordings.set(name, recording);
  }
  return recordings;
}
