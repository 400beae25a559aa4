const ETX = 3;
const EOT = 4;
const BACKSPACE = 8;
const NEWLINE = 10;
const RETURN = 13;
const ESCAPE = 27;
const DELETE = 127;

/**
 * Line discipline of a terminal: it shows what is typed, lets it be
 * corrected, and hands over whole lines. Ctrl-C throws the line away, Ctrl-D ends the input.
 *
 * @param keys What is typed.
 * @param echo Takes what is to be shown.
 */
export async function* cookedLines(
  keys: AsyncIterable<Uint8Array>,
  echo: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  let line: number[] = [];
  let escape = false;
  for await (const chunk of keys) {
    for (const key of chunk) {
      if (escape) {
        // Arrow keys and their like: `ESC [ … letter`.
        escape = !/[A-Za-z~]/.test(String.fromCharCode(key));
      } else if (key === ESCAPE) escape = true;
      else if (key === RETURN || key === NEWLINE || key === ETX) {
        echo(key === ETX ? "^C\r\n" : "\r\n");
        yield Uint8Array.from(key === ETX ? [NEWLINE] : [...line, NEWLINE]);
        line = [];
      } else if (key === EOT) {
        if (line.length === 0) return;
        yield Uint8Array.from(line);
        line = [];
      } else if (key === BACKSPACE || key === DELETE) {
        if (line.pop() !== undefined) echo("\b \b");
      } else {
        line.push(key);
        echo(String.fromCharCode(key));
      }
    }
  }
}

/** Output as a terminal needs it: each line end also returns to the first column. */
export function withReturns(chunk: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  for (const byte of chunk) {
    if (byte === NEWLINE) bytes.push(RETURN);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
