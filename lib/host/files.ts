import { dirname } from "node:path";
import type { Files } from "../core/world.ts";

/** The file system. */
export const denoFiles: Files = {
  async read(path) {
    try {
      return await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  },
  async write(path, data, options = {}) {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    await Deno.writeFile(path, bytes, options);
  },
  async appendLine(path, line) {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const before = await denoFiles.read(path);
    // Somebody may have left the last line without its end.
    const gap = before === undefined || before.length === 0 || before.at(-1) === 10 ? "" : "\n";
    await Deno.writeTextFile(path, `${gap}${line}\n`, {
      append: true,
      // Deno would change the mode of a file that is there.
      ...(before === undefined && { mode: 0o600 }),
    });
  },
};
