import { dirname, join } from "node:path";
import { messageOf, PxrunError } from "../core/errors.ts";
import type { AtomicDirectory, DirectoryEntry } from "../core/platform.ts";
import { type System, system } from "./system.ts";

/**
 * Begins a directory: a new one beside where it is to be, one that exists in place.
 *
 * The sender of the entries may be hostile. So each entry needs a directory that was added before and is
 * none by way of a link, each name is checked, a file is always a new one, and links come last, when
 * nothing is written any more that could go through them.
 *
 * @param on What the machine takes for a name and has for modes.
 */
export function draftDirectory(path: string, on: System = system): AtomicDirectory {
  const inPlace = kindOf(path) === "directory";
  const root = inPlace ? path : `${path}.${crypto.randomUUID()}`;
  /** The directories that were added, with the mode of each that was made. */
  const added = new Map<string, number | undefined>();
  const files = new Set<string>();
  const links: { readonly at: string; readonly target: string }[] = [];
  let file: Deno.FsFile | undefined;
  let ended = false;
  let kept = false;

  const close = (): void => {
    file?.close();
    file = undefined;
  };
  /** The path of an entry below the directory, once it is sure that it is one. */
  const below = (names: readonly string[]): string => {
    const parent = names.slice(0, -1).join("/");
    const odd = names.some((name) => name === "" || /^\.\.?$/.test(name) || on.isHarmfulName(name));
    if (odd || !added.has(parent)) {
      const shown = JSON.stringify(names.join("/"));
      throw new PxrunError("FAILED", `cannot write ${path}: ${shown} is not a path inside it`);
    }
    return names.join("/");
  };
  const begin = (): void => {
    if (kindOf(path) === "other") throw new Error("it exists, and is not a directory");
    if (!inPlace) Deno.mkdirSync(root, { mode: 0o700 });
    added.set("", inPlace ? undefined : 0o755);
  };
  const doing = (action: () => void): void => {
    // What still comes would otherwise be opened and written beside the removal, and remain.
    if (ended) throw new PxrunError("FAILED", `cannot write ${path}: its draft was disposed of`);
    close();
    try {
      if (added.size === 0) begin();
      action();
    } catch (error) {
      throw refused(path, error);
    }
  };
  /** The place of a file or link; what was there before goes. */
  const place = (at: string): string => {
    const to = join(root, at);
    const kind = kindOf(to);
    if (kind === "directory") throw new Error(`${at} is a directory there`);
    if (kind !== undefined && inPlace && !files.has(at)) Deno.removeSync(to);
    return to;
  };
  const create = (at: string): Deno.FsFile => {
    const created = Deno.openSync(place(at), { write: true, createNew: true, mode: 0o600 });
    files.add(at);
    return created;
  };
  /** Only in the end, since nothing can be made in a directory that may not be written to. */
  const setModes = (root: string): void => {
    for (const [at, mode] of on.hasModes ? [...added].reverse() : []) {
      if (mode !== undefined) Deno.chmodSync(join(root, at), mode);
    }
  };

  return {
    directory(names, mode) {
      doing(() => {
        const at = names.length === 0 ? "" : below(names);
        const kind = at === "" ? "directory" : kindOf(join(root, at));
        if (kind === "other") throw new Error(`${at} is not a directory there`);
        if (kind === undefined) Deno.mkdirSync(join(root, at), { mode: 0o700 });
        const made = kind === undefined || added.get(at) !== undefined;
        added.set(at, made ? mode : undefined);
      });
    },
    file(names, mode) {
      doing(() => {
        const at = below(names);
        file = create(at);
        if (on.hasModes) Deno.chmodSync(join(root, at), mode);
      });
    },
    write(chunk) {
      try {
        for (let rest = chunk; file !== undefined && rest.length > 0;) {
          rest = rest.subarray(file.writeSync(rest));
        }
      } catch (error) {
        throw refused(path, error);
      }
    },
    link(names, target) {
      doing(() => void links.push({ at: below(names), target }));
    },
    copy(names, from) {
      doing(() => {
        if (!files.has(from.join("/"))) throw new Error(`there is no ${from.join("/")} in it`);
        const at = below(names);
        create(at).close();
        Deno.copyFileSync(join(root, ...from), join(root, at));
      });
    },
    async keep() {
      doing(() => {
        for (const { at, target } of links) {
          Deno.symlinkSync(target, place(at));
          files.add(at);
        }
      });
      try {
        if (!inPlace) await Deno.rename(root, path);
        kept = true;
        setModes(path);
      } catch (error) {
        throw refused(path, error);
      }
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      close();
      if (kept) return;
      if (!inPlace) return await Deno.remove(root, { recursive: true }).catch(() => {});
      try {
        setModes(path);
      } catch {
        // What is there in part stays with the modes that it has.
      }
    },
  };
}

/** Kind of what is at a path; a link is not the kind of its target. */
function kindOf(path: string): "directory" | "other" | undefined {
  try {
    return Deno.lstatSync(path).isDirectory ? "directory" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw refused(path, error);
  }
}

function refused(path: string, error: unknown): PxrunError {
  if (error instanceof PxrunError) return error;
  const why = error instanceof Deno.errors.PermissionDenied
    ? "this user may not"
    : messageOf(error);
  return new PxrunError("FAILED", `cannot write ${path}: ${why}`, {
    cause: error,
    hint: `whose is it, and is there room? ls -ld ${dirname(path)}`,
  });
}

/** All that a directory holds, itself first, in the order of the names. */
export async function* entriesOf(
  directory: string,
  path: readonly string[] = [],
): AsyncGenerator<DirectoryEntry> {
  const at = join(directory, ...path);
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
  for (const name of names) yield* entriesOf(directory, [...path, name]);
}

interface Seen extends Pick<DirectoryEntry, "kind" | "mode" | "size" | "target"> {
  /** Entries of a directory. */
  readonly names: readonly string[];
}

async function look(at: string, follow: boolean): Promise<Seen> {
  const { isFile, isDirectory, isSymlink, mode, size } = follow
    ? await Deno.stat(at)
    : await Deno.lstat(at);
  const names = isDirectory ? await Array.fromAsync(Deno.readDir(at), ({ name }) => name) : [];
  return {
    kind: isFile ? "file" : isDirectory ? "directory" : isSymlink ? "link" : "other",
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
