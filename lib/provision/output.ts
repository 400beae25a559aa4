import type { Secret } from "../core/secret.ts";
import { redactor } from "./redact.ts";
import { visibleReader } from "./redaction/visible.ts";

/** A line without an end is given out in parts of this length. */
const LONGEST_LINE = 4096;

/** Turns the bytes of one stream into readable lines without secrets. */
export interface LineReader {
  /** Takes the next bytes. */
  push(chunk: Uint8Array): void;
  /** Gives out what is left. */
  end(): void;
}

/** Makes a reader that hands each line to `onLine`. */
export function lineReader(
  secrets: readonly Secret[],
  onLine: (line: string) => void,
): LineReader {
  const decoder = new TextDecoder();
  const seeing = visibleReader();
  const redacting = redactor(secrets);
  let rest = "";
  const take = (text: string): void => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach((line) => onLine(readable(line)));
    for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) {
      onLine(readable(rest.slice(0, LONGEST_LINE)));
    }
  };
  // What is invisible goes first: it may stand amid a secret, which would be whole without it.
  const see = (text: string): string => redacting.push(seeing.push(text));
  return {
    push: (chunk): void => take(see(decoder.decode(chunk, { stream: true }))),
    end(): void {
      take(see(decoder.decode()) + redacting.push(seeing.end()) + redacting.end());
      if (rest !== "") onLine(readable(rest));
      rest = "";
    },
  };
}

/** A line as a terminal would show it in the end: what a return overwrote is not there. */
function readable(line: string): string {
  const trimmed = line.replace(/\r+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}
