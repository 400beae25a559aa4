/**
 * The only place that quotes for a POSIX shell. A word in single quotes is
 * taken literally by every shell; a single quote inside leaves the quotes,
 * stands escaped, and enters them again.
 */
export function quote(word: string): string {
  if (word.includes("\0")) {
    throw new TypeError("a shell word cannot hold a NUL byte");
  }
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** One shell command line that runs exactly these words. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(" ");
}
