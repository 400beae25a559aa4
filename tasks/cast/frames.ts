import { type IBufferCell, Terminal } from "../../deps/xterm_headless.ts";
import type { Chunk, Size } from "./record.ts";

/** Characters of one line that look the same. */
export interface Run {
  readonly column: number;
  /** Number of columns. */
  readonly width: number;
  readonly text: string;
  /** A colour of the palette (0 to 15), or none. */
  readonly color: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** The screen from one moment on. */
export interface Frame {
  /** Milliseconds since the first frame. */
  readonly at: number;
  readonly lines: readonly (readonly Run[])[];
}

/** Limits of a recording, in milliseconds. */
export interface Limits {
  /** A longer wait is cut to this. */
  readonly longestWait: number;
  /** Output within this time is one frame. */
  readonly shortestFrame: number;
}

/** The screens that a recording shows, one after another. */
export async function framesOf(
  chunks: readonly Chunk[],
  { columns, rows }: Size,
  { longestWait, shortestFrame }: Limits,
): Promise<Frame[]> {
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  const frames: Frame[] = [];
  let at = 0;
  for (const { after, bytes } of chunks) {
    at += Math.min(after, longestWait);
    await new Promise<void>((done) => terminal.write(bytes, done));
    const frame = { at, lines: screen(terminal) };
    const last = frames.at(-1);
    if (last !== undefined && JSON.stringify(last.lines) === JSON.stringify(frame.lines)) continue;
    if (last !== undefined && at - last.at < shortestFrame) {
      frames[frames.length - 1] = { ...frame, at: last.at };
    } else frames.push(frame);
  }
  terminal.dispose();
  return frames;
}

function screen(terminal: Terminal): Run[][] {
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = active.getLine(active.viewportY + row);
    const runs: Run[] = [];
    for (let column = 0; column < terminal.cols; column++) {
      const cell = line?.getCell(column);
      const width = cell?.getWidth() ?? 0;
      if (cell === undefined || width === 0) continue;
      const text = cell.getChars() || " ";
      const look = { color: colorOf(cell), bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
      const last = runs.at(-1);
      if (last === undefined || !looksLike(last, look)) runs.push({ column, width, text, ...look });
      else {
        runs[runs.length - 1] = { ...last, width: last.width + width, text: last.text + text };
      }
    }
    return runs.map(withoutEnd).filter(({ text }) => text !== "");
  });
}

type Look = Pick<Run, "color" | "bold" | "dim">;

function looksLike(one: Look, other: Look): boolean {
  return one.color === other.color && one.bold === other.bold && one.dim === other.dim;
}

function withoutEnd(run: Run): Run {
  const text = run.text.trimEnd();
  return { ...run, text, width: run.width - (run.text.length - text.length) };
}

function colorOf(cell: IBufferCell): number | undefined {
  return cell.isFgPalette() && cell.getFgColor() < 16 ? cell.getFgColor() : undefined;
}
