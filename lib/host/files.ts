import { dirname, resolve } from "node:path";
import { messageOf, PxrunError } from "../core/errors.ts";
import type { Files, PrivateFiles } from "../core/world.ts";

/** The file system. */
export const denoFiles: Files = {
  async read(path) {
    try {
      return await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      const why = error instanceof Deno.errors.PermissionDenied
        ? "it is not for this user to read"
        : error instanceof Deno.errors.IsADirectory
        ? "it is a folder"
        : messageOf(error);
      throw new PxrunError("USAGE", `cannot read ${path}: ${why}`, {
        cause: error,
        hint: "name a file that you can read",
      });
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

/** Files with mode 0600. */
export const denoPrivateFiles: PrivateFiles = {
  async mode(path) {
    try {
      const { isFile, mode } = await Deno.stat(path);
      if (!isFile) throw noFile(path);
      return mode === null ? undefined : mode & 0o777;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  },
  async replace(path, data) {
    const target = await followLinks(path);
    // A rename would put a file where there was a device.
    await denoPrivateFiles.mode(target);
    await Deno.mkdir(dirname(target), { recursive: true, mode: 0o700 });
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

function noFile(path: string): PxrunError {
  return new PxrunError("USAGE", `cannot use ${path}: it is there, but no file`, {
    hint: "name a file, or one that is to be made",
  });
}

/** Where a link leads, even if there is nothing yet; a path that is no link as it is. */
async function followLinks(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    // Not of links that lead round in a circle.
    if (!(error instanceof Deno.errors.NotFound)) return path;
  }
  const next = await Deno.readLink(path).catch(() => undefined);
  return next === undefined ? path : await followLinks(resolve(dirname(path), next));
}
