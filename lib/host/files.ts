import { dirname } from "node:path";
import { messageOf, PxrunError } from "../core/errors.ts";
import type { Files, FileStreams, PrivateFiles } from "../core/world.ts";

function unreadable(path: string, cause: unknown): PxrunError {
  const why = cause instanceof Deno.errors.PermissionDenied
    ? "it is not for this user to read"
    : cause instanceof Deno.errors.IsADirectory
    ? "it is a folder"
    : messageOf(cause);
  return new PxrunError("USAGE", `cannot read ${path}: ${why}`, {
    cause,
    hint: "name a file that you can read",
  });
}

/** The file system. */
export const denoFiles: Files = {
  async read(path) {
    try {
      return await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw unreadable(path, error);
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

/** The same, piece by piece. */
export const denoFileStreams: FileStreams = {
  async open(path) {
    try {
      const { isDirectory, mode } = await Deno.stat(path);
      if (isDirectory) throw new Deno.errors.IsADirectory();
      const { readable } = await Deno.open(path);
      return { mode: mode === null ? undefined : mode & 0o7777, content: readable };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw unreadable(path, error);
    }
  },
  async draft(path) {
    const target = await Deno.realPath(path).catch(() => path);
    const beside = `${target}.${crypto.randomUUID()}`;
    const file = await Deno.open(beside, { write: true, createNew: true, mode: 0o600 })
      .catch((cause) => {
        throw new PxrunError("FAILED", `cannot write ${path}: ${messageOf(cause)}`, { cause });
      });
    let open = true;
    const close = (): void => {
      if (open) file.close();
      open = false;
    };
    return {
      write(chunk) {
        for (let rest = chunk; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
      },
      async keep(mode) {
        close();
        if (Deno.build.os !== "windows") await Deno.chmod(beside, mode);
        await Deno.rename(beside, target);
      },
      async [Symbol.asyncDispose]() {
        close();
        await Deno.remove(beside).catch(() => {});
      },
    };
  },
  async isFolder(path) {
    return (await Deno.stat(path).catch(() => undefined))?.isDirectory ?? false;
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
