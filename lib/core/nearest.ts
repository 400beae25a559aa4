/**
 * The candidate that a mistyped word most likely means, or undefined when none
 * is near. One typing error is allowed for every three letters.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = plain(word);
  if (typed === "" || typed.length > 64) return undefined;
  let best: string | undefined;
  // Of a single letter nothing would be left.
  let least = Math.min(typed.length, Math.max(1, Math.floor(typed.length / 3)) + 1);
  for (const candidate of candidates) {
    const distance = editDistance(typed, plain(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/**
 * A hint for a word that is not among those that there are: the one that was meant, if one is
 * near, and all of them.
 *
 * @param lead What comes before the list: "the cluster has".
 */
export function suggestion(word: string, candidates: readonly string[], lead: string): string {
  const close = nearest(word, candidates);
  return `${close === undefined ? "" : `did you mean ${close}? `}${lead} ${candidates.join(", ")}`;
}

/** Case and the kind of separator are no typing errors. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Number of letters to add, drop, change or swap with their neighbour. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const at = (line: number[], index: number): number => line[index] ?? Infinity;
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1];
      current.push(Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Infinity,
      ));
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}
