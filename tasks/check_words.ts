/**
 * Holds texts, comments and names to the words of docs/vocabulary.md: `deno task check:words`.
 * Prints every word that the page replaces and that has no honest use, exits 1 when there is one.
 */
import { join, relative } from "node:path";

/** A word that has no honest use here, and the one to use. Also found within names. */
const refused: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bin vain\b/i, "timed out, failed"],
  [/\b(?:is|are|was|were|be|been|being) told\b/i, "is reported, is listed"],
  [/\banew\b/i, "again"],
  [/\bso many\b/i, "number of …"],
  [/\bwho(?:so)?ever\b/i, "the caller, the user who"],
  [/\bmend(?:s|ed|ing)?\b/i, "fix"],
  [/\bbr(?:ings?|ought|inging) about\b/i, "run, apply"],
  [/\bfor ever\b/i, "indefinitely"],
  [/; else (?!if\b)/, "(default: …)"],
  [/(?<![A-Za-z])folders?(?![a-z])|Folders?(?![a-z])/, "directory"],
  [/\b(?:is|are|was|were) gone\b/i, "destroyed, no longer exists"],
  [/(?<![A-Za-z])fleets?(?![a-z])|Fleets?(?![a-z])/, "batch"],
];

/** First words of a doc comment that a noun phrase says better: "Result of …", "True if …". */
const OPENING = /\/\*\*\s+(?:\* )?(What|Whether|How|Where|Who|Whoever)\b/g;
/** Sources whose doc comments are held to that, besides those of tests. */
const COMMENTED = /^(?:lib|sim|tasks|main\.ts|mod\.ts)(?!.*_test\.ts$)/;

/** Paths that the check reads, from the root of the project. */
const checked: readonly string[] = ["main.ts", "mod.ts", "README.md", "docs", "lib"];
/** Paths of which only the doc comments are read. */
const onlyComments: readonly string[] = ["sim", "tasks"];
/** The page that lists the words itself, and a record of what other pages said. */
const exempt: ReadonlySet<string> = new Set(["docs/vocabulary.md"]);

/** Every refused word of a text, as `file:line: …`. */
export function wordsIn(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    refused.flatMap(([word, instead]) => {
      const found = word.exec(line)?.[0];
      // What stands behind "else" in code is no text.
      if (found === undefined || (found.includes("else") && file.endsWith(".ts") && isCode(line))) {
        return [];
      }
      return [`${file}:${index + 1}: ${JSON.stringify(found.trim())}: ${instead}`];
    })
  );
}

/** Every doc comment that opens with a question word, as `file:line: …`. */
export function openingsIn(file: string, text: string): string[] {
  if (!COMMENTED.test(file)) return [];
  return [...text.matchAll(OPENING)].map(({ index, 1: word }) => {
    const line = text.slice(0, index).split("\n").length;
    return `${file}:${line}: a comment opens with ${
      JSON.stringify(word)
    }: a noun phrase, "True if …"`;
  });
}

/** True for a line of code, or of a shell script, in which `; else` is no prose. */
function isCode(line: string): boolean {
  return !/["`'].*; else |^\s*(?:\/\/|\*|\/\*)/.test(line) || /\b(?:then|fi)\b/.test(line);
}

async function* files(path: string): AsyncGenerator<string> {
  const { isDirectory } = await Deno.stat(path);
  if (!isDirectory) return yield path;
  for await (const { name } of Deno.readDir(path)) yield* files(join(path, name));
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  const found: string[] = [];
  let count = 0;
  for (const place of [...checked, ...onlyComments]) {
    for await (const path of files(join(root, place))) {
      const file = relative(root, path).replaceAll("\\", "/");
      if (!/\.(?:ts|md)$/.test(file) || exempt.has(file)) continue;
      count++;
      const text = await Deno.readTextFile(path);
      found.push(...openingsIn(file, text));
      if (checked.includes(place)) found.push(...wordsIn(file, text));
    }
  }
  for (const line of found.sort()) console.error(line);
  console.error(`words: ${count} files, ${found.length} to replace (docs/vocabulary.md)`);
  if (found.length > 0) Deno.exit(1);
}
