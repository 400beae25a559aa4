import { type Cell, runCell } from "./cells.ts";
import { KINDS } from "./kinds.ts";
import type { Outcome } from "./outcome.ts";
import { recordRows, type Row } from "./rows.ts";
import { SCENES } from "./scenes.ts";

/** How many cells a thread runs at once: most of the time each of them waits. */
const AT_ONCE = 6;

/** What a thread is asked to run. */
export interface Order {
  readonly index: number;
  readonly row: Row;
  /** The name of the kind. */
  readonly kind: string;
}

/** What it says. */
export interface Result extends Outcome {
  readonly index: number;
}

/** What every command sends when nothing goes wrong. */
export async function allRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const scene of SCENES) rows.push(...await recordRows(scene));
  return rows;
}

/** All that can go wrong at these moments. */
export function cellsOf(rows: readonly Row[]): Cell[] {
  return rows.flatMap((row) =>
    KINDS.filter((kind) => kind.applies(row)).map((kind) => ({ row, kind }))
  );
}

/** Runs cells in this thread, several at once. */
export async function runHere(
  cells: readonly Cell[],
  onResult: (cell: Cell, outcome: Outcome) => void,
): Promise<void> {
  const waiting = cells.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const cell of waiting) onResult(cell, await runCell(cell));
  }));
}

/** Runs cells in as many threads as the machine has processors. */
export async function runInThreads(
  cells: readonly Cell[],
  onResult: (cell: Cell, outcome: Outcome) => void,
): Promise<void> {
  const waiting = cells.entries();
  const threads = Array.from({ length: Math.min(navigator.hardwareConcurrency, 4) }, () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let running = 0;
    const next = (): void => {
      const { value, done } = waiting.next();
      if (done && running === 0) resolve();
      if (done) return;
      const [index, { row, kind }] = value;
      running++;
      const order: Order = { index, row, kind: kind.name };
      worker.postMessage(order);
    };
    worker.addEventListener("message", ({ data }: MessageEvent<Result>) => {
      running--;
      const cell = cells[data.index];
      if (cell) onResult(cell, data);
      next();
    });
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    for (let i = 0; i < AT_ONCE; i++) next();
    return promise.finally(() => worker.terminate());
  });
  await Promise.all(threads);
}
