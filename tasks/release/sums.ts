import { createHash } from "node:crypto";
import { basename } from "node:path";

/** The SHA-256 sum of a file, in hexadecimal. */
export async function sumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/** The sums of files by their names, in the order of the names. */
export async function sumsOf(paths: readonly string[]): Promise<Map<string, string>> {
  const sums: [name: string, sum: string][] = [];
  for (const path of paths) sums.push([basename(path), await sumOf(path)]);
  return new Map(sums.sort(([a], [b]) => a < b ? -1 : 1));
}

/** The text of a `SHA256SUMS` file, as `sha256sum --check` reads it. */
export function sumsText(sums: ReadonlyMap<string, string>): string {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
}
