/** A command as a client wraps it for any login shell: behind two markers, run by sh. */
export interface LoginLine {
  /** Parts of the markers. */
  readonly id: string;
  /** The command itself. */
  readonly command: string;
}

/** Reads `exec sh -c 'printf … exec sh -c "$(printf %b "$@")"' 'ID' 'WORD'…`; undefined for another line. */
export function readLoginLine(line: string): LoginLine | undefined {
  const [, id, words] =
    /^exec sh -c 'printf [^']* exec sh -c "\$\(printf %b "\$@"\)"' '([^']*)'((?: '[^']*')*)$/
      .exec(line) ?? [];
  if (id === undefined || words === undefined) return undefined;
  const text = words.slice(2, -1).replaceAll("' '", "");
  const bytes = new TextEncoder().encode(text);
  const command: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const [, digits] = /^\\0([0-7]{3})/.exec(text.slice(at, at + 5)) ?? [];
    command.push(digits === undefined ? bytes[at] ?? 0 : parseInt(digits, 8));
    if (digits !== undefined) at += 4;
  }
  return { id, command: new TextDecoder().decode(new Uint8Array(command)) };
}
