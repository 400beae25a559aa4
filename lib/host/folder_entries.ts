import { join } from "node:path";
import { messageOf, PxrunError } from "../core/errors.ts";
import type { FolderEntry } from "../core/world.ts";

/** All that a folder holds, itself first, in the order of the names. */
export async function* entriesOf(
  folder: string,
  path: readonly string[] = [],
): AsyncGenerator<FolderEntry> {
  const at = join(folder, ...path);
  // What the user named may be a link to it; what is inside stays as it is.
  const { names, ...entry } = await reading(at, () => look(at, path.length === 0));
  yield {
    path,
    ...entry,
    async *open() {
      using file = await reading(at, () => Deno.open(at));
      yield* file.readable;
    },
  };
  for (const name of names) yield* entriesOf(folder, [...path, name]);
}

interface Seen extends Pick<FolderEntry, "kind" | "mode" | "size" | "target"> {
  /** What is in a folder. */
  readonly names: readonly string[];
}

async function look(at: string, follow: boolean): Promise<Seen> {
  const { isFile, isDirectory, isSymlink, mode, size } = follow
    ? await Deno.stat(at)
    : await Deno.lstat(at);
  const names = isDirectory ? await Array.fromAsync(Deno.readDir(at), ({ name }) => name) : [];
  return {
    kind: isFile ? "file" : isDirectory ? "folder" : isSymlink ? "link" : "other",
    mode: mode === null ? undefined : mode & 0o7777,
    size: isFile ? size : 0,
    target: isSymlink ? await Deno.readLink(at) : "",
    names: names.sort(),
  };
}

async function reading<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const why = cause instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : messageOf(cause);
    throw new PxrunError("FAILED", `cannot read ${path}: ${why}`, {
      cause,
      hint: "leave it out, or make it readable",
    });
  }
}
