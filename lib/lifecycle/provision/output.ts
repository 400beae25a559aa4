import type { Secret } from "../../core/secret.ts";
import { redactor } from "./redact.ts";

/** A line without an end is given out in parts of this length. */
const LONGEST_LINE = 4096;

/** Terminal control sequences and control characters: a container does not steer the user's screen. */
const CONTROL = /[^\P{Cc}\t]\[[0-9;?]*[ -/]*[@-~]|[^\P{Cc}\t]/gu;

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
  return {
    push: (chunk): void => take(redacting.push(decoder.decode(chunk, { stream: true }))),
    end(): void {
      take(redacting.push(decoder.decode()) + redacting.end());
      if (rest !== "") onLine(readable(rest));
      rest = "";
    },
  };
}

/** Whether a line has any; asked first, as most lines have none and the answer is ten times as fast. */
// deno-lint-ignore no-control-regex -- that is what is looked for
const ANY_CONTROL = /[\0-\x08\x0a-\x1f\x7f-\x9f]/;

/** A line as a terminal would show it in the end: what a carriage return overwrote is gone. */
function readable(line: string): string {
  if (!ANY_CONTROL.test(line)) return line;
  const trimmed = line.replace(/\r+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1).replace(CONTROL, "");
}
