/** The mode that `0644`, `u+x` or `a=rw` gives a file; undefined when it is no mode known here. */
export function parseMode(text: string, old: number): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) return parseInt(text, 8) & 0o7777;
  const [, whom = "", operator, letters = ""] = /^([ugoa]*)([-+])([rwx]+)$/.exec(text) ?? [];
  if (operator === undefined) return undefined;
  const who = whom === "" || whom.includes("a") ? "ugo" : whom;
  let bits = 0;
  for (const one of who) {
    const shift = { u: 6, g: 3, o: 0 }[one] ?? 0;
    for (const letter of letters) bits |= ({ r: 4, w: 2, x: 1 }[letter] ?? 0) << shift;
  }
  return operator === "+" ? old | bits : old & ~bits;
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
