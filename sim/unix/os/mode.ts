/** The mode that `0644`, `u+x,go-w` or `a=rX` gives a file; undefined when it is no mode. */
export function parseMode(
  text: string,
  old: number,
  isDir: boolean,
  umask = 0,
): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) return parseInt(text, 8) & 0o7777;
  let mode = old;
  for (const clause of text.split(",")) {
    const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
    if (match === null) return undefined;
    const whom = match[1] ?? "";
    const who = whom === "" || whom.includes("a") ? "ugo" : whom;
    const masked = whom === "" ? ~umask : ~0;
    for (
      const [, operator, letters = ""] of (match[2] ?? "").matchAll(/([-+=])([rwxXst]+|[ugo]|)/g)
    ) {
      const bits = bitsOf(who, letters, mode, isDir) & masked;
      if (operator === "+") mode |= bits;
      else if (operator === "-") mode &= ~bits;
      else mode = (mode & ~bitsOf(who, "rwx", mode, isDir)) | bits;
    }
  }
  return mode & 0o7777;
}

function bitsOf(who: string, letters: string, mode: number, isDir: boolean): number {
  let bits = 0;
  const shifts: Record<string, number> = { u: 6, g: 3, o: 0 };
  const copied = shifts[letters];
  if (copied !== undefined) {
    const granted = (mode >> copied) & 7;
    return [...who].reduce((sum, one) => sum | granted << (shifts[one] ?? 0), 0);
  }
  const special: Record<string, number> = { u: 0o4000, g: 0o2000, o: 0 };
  for (const one of who) {
    const shift = shifts[one] ?? 0;
    if (letters.includes("r")) bits |= 4 << shift;
    if (letters.includes("w")) bits |= 2 << shift;
    if (letters.includes("x")) bits |= 1 << shift;
    if (letters.includes("X") && (isDir || (mode & 0o111) !== 0)) bits |= 1 << shift;
    if (letters.includes("s")) bits |= special[one] ?? 0;
  }
  return letters.includes("t") ? bits | 0o1000 : bits;
}

/** `drwxr-xr-x`. */
export function modeText(kind: "file" | "dir" | "link" | "device", mode: number): string {
  const type = { file: "-", dir: "d", link: "l", device: "c" }[kind];
  const letter = (bit: number, char: string) => (mode & bit) !== 0 ? char : "-";
  const execute = (bit: number, special: number, char: string) =>
    (mode & special) !== 0 ? (mode & bit) !== 0 ? char : char.toUpperCase() : letter(bit, "x");
  return type +
    letter(0o400, "r") + letter(0o200, "w") + execute(0o100, 0o4000, "s") +
    letter(0o040, "r") + letter(0o020, "w") + execute(0o010, 0o2000, "s") +
    letter(0o004, "r") + letter(0o002, "w") + execute(0o001, 0o1000, "t");
}
