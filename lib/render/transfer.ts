import { bytes as bytesText, duration } from "./units.ts";

/** Progress of a transfer. */
export interface Transfer {
  readonly bytes: number;
  /** The size of the whole; undefined where it is not known. */
  readonly total: number | undefined;
  readonly ms: number;
}

/** A bar that is shorter than this says nothing. */
const LEAST_BAR = 8;
const MOST_BAR = 30;

/** One line on a terminal: a bar where the end is known, how much, how fast, and how long still. */
export function transferLine({ bytes, total, ms }: Transfer, columns: number): string {
  const rate = ms > 0 ? bytes / ms * 1000 : 0;
  const speed = `${bytesText(rate)}/s`;
  if (total === undefined) return `${bytesText(bytes)}  ${speed}  ${duration(ms)}`;
  const share = total === 0 ? 1 : Math.min(1, bytes / total);
  const left = rate === 0 ? "" : `  ETA ${duration(Math.max(0, total - bytes) / rate * 1000)}`;
  const text = `${Math.floor(share * 100)}%  ${bytesText(bytes)}/${
    bytesText(total)
  }  ${speed}${left}`;
  const room = Math.min(MOST_BAR, columns - text.length - 4);
  if (room < LEAST_BAR) return text;
  const full = Math.round(share * room);
  return `${"█".repeat(full)}${"░".repeat(room - full)}  ${text}`;
}

/** Result of a transfer: `60 MiB in 3.0 s → web-1:/root/big.bin`. */
export function transferredText({ bytes, ms }: Omit<Transfer, "total">, target: string): string {
  return `${bytesText(bytes)} in ${duration(ms)} → ${target}`;
}
