/**
 * Holds the project to what a clone has: no file may mention what lies beside the clone, or a path
 * that only one machine has. Prints every mention, exits 1 when there is one.
 */
import { join, relative } from "node:path";

/** Paths that no clone has of its own. */
const forbidden: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\.\.[\\/]+shared\b/, "a directory beside the clone"],
  [/["'`]\.\.["'`]\s*,\s*["'`]shared["'`]/, "a directory beside the clone"],
  [/\bshared[\\/]pve\b/, "a directory beside the clone"],
  [/(?<![\w.~-])\/work\//, "a path of one machine"],
];

/** Made by tasks, by package managers and by git; none of it is tracked. */
const skipped: ReadonlySet<string> = new Set([".git", "coverage", "node_modules"]);

/**
 * Every mention in one text, as `file:line: why: text`.
 *
 * @param root Where the clone lies: its own path is one that only one machine has.
 */
export function mentions(file: string, text: string, root: string): string[] {
  const found: string[] = [];
  const seen = (line: string): string | undefined =>
    forbidden.find(([pattern]) => pattern.test(line))?.[1] ??
      (root.split("/").length > 2 && line.includes(root) ? "where this clone lies" : undefined);
  for (const [index, line] of text.split("\n").entries()) {
    const why = seen(line);
    if (why !== undefined) found.push(`${file}:${index + 1}: ${why}: ${line.trim().slice(0, 100)}`);
  }
  return found;
}

/** Every file below a directory with its text; a link is where it leads. */
async function* texts(directory: string): AsyncGenerator<readonly [path: string, text: string]> {
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (skipped.has(name)) continue;
    if (isSymlink) yield [path, await Deno.readLink(path)];
    else if (isDirectory) yield* texts(path);
    else yield [path, await Deno.readTextFile(path)];
  }
}

/** Every mention in the project that lies in a directory. */
export async function allMentions(root: string): Promise<string[]> {
  const found: string[] = [];
  for await (const [path, text] of texts(root)) {
    const file = relative(root, path).replaceAll("\\", "/");
    if (file.startsWith("dist/")) continue;
    found.push(...mentions(file, text, root));
  }
  return found.sort();
}

if (import.meta.main) {
  const found = await allMentions(join(import.meta.dirname ?? ".", ".."));
  for (const line of found) console.error(line);
  console.error(`alone: ${found.length} mentions of what a clone does not have`);
  if (found.length > 0) Deno.exit(1);
}
