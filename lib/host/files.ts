import { basename, dirname, join, resolve } from "node:path";
import { messageOf, PxrunError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { Kept } from "../core/bytes.ts";
import type { Files, FileStreams, PrivateFiles } from "../core/platform.ts";
import { draftDirectory, entriesOf } from "./directories.ts";
import { system } from "./system.ts";

function unreadable(path: string, cause: unknown): PxrunError {
  const why = cause instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : cause instanceof Deno.errors.IsADirectory
    ? "it is a directory"
    : messageOf(cause);
  return new PxrunError("USAGE", `cannot read ${path}: ${why}`, {
    cause,
    hint: "name a file that you can read",
  });
}

/** Reads what is no file to its end, of which a device may have none. */
async function readPipe(path: string): Promise<Uint8Array> {
  const kept = new Kept(path, limits.bytes.pipe);
  const { readable } = await Deno.open(path);
  for await (const chunk of readable) kept.take(chunk);
  return kept.bytes();
}

/** The file system. */
export const denoFiles: Files = {
  async read(path) {
    try {
      const { isFile, isDirectory } = await Deno.stat(path);
      return isFile || isDirectory ? await Deno.readFile(path) : await readPipe(path);
    } catch (error) {
      // Below what is not a directory there is nothing either.
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return undefined;
      }
      throw error instanceof PxrunError ? error : unreadable(path, error);
    }
  },
  async write(path, data, options = {}) {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    await writing(path, () => Deno.writeFile(path, bytes, options));
  },
  async appendLine(path, line) {
    await writing(path, () => Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 }));
    const before = await denoFiles.read(path);
    // Somebody may have left the last line without its end.
    const gap = before === undefined || before.length === 0 || before.at(-1) === 10 ? "" : "\n";
    const options = {
      append: true,
      // Deno would change the mode of a file that is there.
      ...(before === undefined && { mode: 0o600 }),
    };
    await writing(path, () => Deno.writeTextFile(path, `${gap}${line}\n`, options));
  },
};

/** The same, piece by piece. */
export const denoFileStreams: FileStreams = {
  async open(path) {
    try {
      const { isDirectory, isFile, mode, size } = await Deno.stat(path);
      if (isDirectory) throw new Deno.errors.IsADirectory();
      const { readable } = await Deno.open(path);
      return {
        mode: mode === null ? undefined : mode & 0o7777,
        size: isFile ? size : undefined,
        content: readable,
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw unreadable(path, error);
    }
  },
  async draft(path) {
    const target = await Deno.realPath(path).catch(() => path);
    // A rename would put a file where there was a device.
    const there = await Deno.stat(target).catch(() => undefined);
    if (there !== undefined && !there.isFile) {
      throw new PxrunError("FAILED", `cannot write ${path}: it is there, but no file`, {
        hint: "- is standard output: `>` and `|` lead from there to a device or a pipe",
      });
    }
    const beside = `${target}.${crypto.randomUUID()}`;
    const file = await Deno.open(beside, { write: true, createNew: true, mode: 0o600 })
      .catch((error) => {
        throw refused("write", path, error);
      });
    let open = true;
    const close = (): void => {
      if (open) file.close();
      open = false;
    };
    return {
      write(chunk) {
        try {
          for (let rest = chunk; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
        } catch (error) {
          throw refused("write", path, error);
        }
      },
      async keep(mode) {
        await writing(path, async () => {
          close();
          if (system.hasModes) await Deno.chmod(beside, mode);
          await Deno.rename(beside, target);
        });
      },
      async [Symbol.asyncDispose]() {
        close();
        await Deno.remove(beside).catch(() => {});
      },
    };
  },
  async isDirectory(path) {
    return (await Deno.stat(path).catch(() => undefined))?.isDirectory ?? false;
  },
  entries: entriesOf,
  draftDirectory,
};

/** Files with mode 0600. */
export const denoPrivateFiles: PrivateFiles = {
  async mode(path) {
    const found = await stat(path);
    if (found === undefined) return undefined;
    if (!found.isFile) {
      throw new PxrunError("USAGE", `cannot use ${path}: it is there, but no file`, {
        hint: "name a file, or one that is to be made",
      });
    }
    return found.mode === null ? undefined : found.mode & 0o777;
  },
  async replace(path, data, expected) {
    const target = await followLinks(path);
    // A rename would put a file where there was a device.
    await denoPrivateFiles.mode(target);
    const beside = `${target}.${crypto.randomUUID()}`;
    await writing(path, async () => {
      await Deno.mkdir(dirname(target), { recursive: true, mode: 0o700 });
      try {
        await Deno.writeTextFile(beside, data, { mode: 0o600, createNew: true });
        // As late as can be: sops may have taken seconds since it was read.
        if (expected) await refuseChanged(target, expected.before);
        await Deno.rename(beside, target);
      } catch (error) {
        await Deno.remove(beside).catch(() => {});
        throw error;
      }
    });
    await removeStale(target);
  },
  async tryReplace(path) {
    const target = await followLinks(path);
    await denoPrivateFiles.mode(target);
    let directory = dirname(target);
    while (await stat(directory) === undefined) directory = dirname(directory);
    await writing(path, async () => Deno.remove(await Deno.makeTempFile({ dir: directory })));
  },
  async remove(path) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  },
};

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** Removes what runs that were killed left beside a file: drafts of it, and copies for sops. */
async function removeStale(target: string): Promise<void> {
  const name = basename(target).replaceAll(/[^\w]/g, "\\$&");
  const left = new RegExp(`^(?:${name}\\.${UUID}|\\.pxrun-${UUID}\\.yaml)$`);
  try {
    for await (const entry of Deno.readDir(dirname(target))) {
      if (!entry.isFile || !left.test(entry.name)) continue;
      const path = join(dirname(target), entry.name);
      const { mtime } = await Deno.stat(path);
      if (mtime !== null && Date.now() - mtime.getTime() > limits.host.staleDraft) {
        await Deno.remove(path);
      }
    }
  } catch {
    // It does no harm there; the file itself is written.
  }
}

async function refuseChanged(path: string, before: string | undefined): Promise<void> {
  const bytes = await denoFiles.read(path);
  if ((bytes && new TextDecoder().decode(bytes)) === before) return;
  throw new PxrunError("FAILED", `cannot change ${path}: another process changed it just now`, {
    hint: "nothing of this change was written; run the command again",
  });
}

async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw refused("use", path, error);
  }
}

/** Does what needs a path to be written to, and explains it when the machine refuses. */
async function writing(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw error instanceof PxrunError ? error : refused("write", path, error);
  }
}

function refused(verb: string, path: string, error: unknown): PxrunError {
  const why = error instanceof Deno.errors.PermissionDenied
    ? "this user may not"
    : messageOf(error).replace(/ \(os error \d+\).*/s, "");
  return new PxrunError("FAILED", `cannot ${verb} ${path}: ${why}`, {
    cause: error,
    hint: `whose is it, and is there room? ls -ld ${dirname(path)}`,
  });
}

/** Target of a link, even if nothing is there yet; a path that is not a link as it is. */
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
