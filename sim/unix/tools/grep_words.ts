/**
 * Arguments for just-bash's grep. It takes the last of several `-e` only, so that these
 * become one pattern, and it does not know -s, which silences messages.
 */
export function grepWords(given: readonly string[]): string[] {
  const patterns: string[] = [];
  const flags: string[] = [];
  const rest: string[] = [];
  const words = [...given];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") {
      rest.push(word, ...words.splice(0));
    } else if (/^-[a-zA-Z]+e$|^-e$/.test(word)) {
      patterns.push(words.shift() ?? "");
      if (word !== "-e") flags.push(...word.slice(1, -1));
    } else if (/^-[efmABC]/.test(word)) {
      rest.push(word, ...(word.length === 2 ? words.splice(0, 1) : []));
    } else if (/^-[a-zA-Z]+$/.test(word)) flags.push(...word.slice(1));
    else rest.push(word);
  }
  const kept = flags.filter((flag) => flag !== "s");
  if (patterns.length < 2) {
    return [...kept.map((flag) => `-${flag}`), ...patterns.flatMap((one) => ["-e", one]), ...rest];
  }
  const extended = kept.includes("E");
  const whole = kept.includes("F")
    ? patterns.map((text) => text.replaceAll(/[.[\]\\*^$]/g, "\\$&"))
    : patterns;
  // In a basic one it takes ^ and $ inside of a group for themselves.
  const either = `(${(extended ? whole : whole.map(toExtended)).join("|")})`;
  const others = kept.filter((flag) => !"EFG".includes(flag)).map((flag) => `-${flag}`);
  return [...others, "-E", "-e", either, ...rest];
}

/** A basic regular expression as an extended one. */
function toExtended(basic: string): string {
  return basic.replaceAll(/\\.|\[\^?\]?[^\]]*\]|[(){}+?|]/g, (part) => {
    if (part.startsWith("[")) return part;
    if (!part.startsWith("\\")) return `\\${part}`;
    return /[(){}+?|]/.test(part) ? part.slice(1) : part;
  });
}
