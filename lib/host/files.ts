import { dirname } from "node:path";
import type { Files, PrivateFiles } from "../core/world.ts";

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
};

/** Files with mode 0600. */
export const denoPrivateFiles: PrivateFiles = {
  async mode(path) {
    try {
      const { isFile, mode } = await Deno.stat(path);
      return isFile && mode !== null ? mode & 0o777 : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  },
  async replace(path, data) {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await Deno.realPath(path).catch(() => path);
    const beside = `${target}.${crypto.randomUUID()}`;
    try {
      await Deno.writeTextFile(beside, data, { mode: 0o600, createNew: true });
      await Deno.rename(beside, target);
    } catch (error) {
      await Deno.remove(beside).catch(() => {});
      throw error;
    }
  },
  async remove(path) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  },
};
