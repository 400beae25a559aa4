import { dirname, join } from "node:path";
import { messageOf, PxrunError } from "../core/errors.ts";
import type { FolderDraft } from "../core/world.ts";

const windows = Deno.build.os === "windows";

/** What no name may hold that comes from elsewhere: all that makes a path of it. */
// deno-lint-ignore no-control-regex -- Windows has none of them in names
const HARMFUL = windows ? /[\x00-\x1f<>:"/\\|?*]|[ .]$/ : /[\x00/]/;

/**
 * Begins a folder beside where it is to be.
 *
 * Whoever sends what is in it may mean harm. So it is put together in a new folder where there is
 * nothing but what was made here: each entry needs a folder that was made here, each name is
 * looked at, and links come last, when nothing is written any more that could go through them.
 */
export function draftFolder(path: string): FolderDraft {
  // Beside a new folder, but in one that is there: what is around that may not be this user's.
  const stage = `${path}${kindOf(path) === "folder" ? "/.pxrun-" : "."}${crypto.randomUUID()}`;
  const modes = new Map<string, number>();
  const files = new Set<string>();
  const links: { readonly at: string; readonly target: string }[] = [];
  let file: Deno.FsFile | undefined;
  let disposed = false;

  const close = (): void => {
    file?.close();
    file = undefined;
  };
  /** The path of an entry below the folder, once it is sure that it is one. */
  const below = (names: readonly string[]): string => {
    const parent = names.slice(0, -1).join("/");
    const odd = names.some((name) => name === "" || /^\.\.?$/.test(name) || HARMFUL.test(name));
    if (odd || !modes.has(parent)) {
      const shown = JSON.stringify(names.join("/"));
      throw new PxrunError("FAILED", `cannot write ${path}: ${shown} is not a path inside it`);
    }
    return names.join("/");
  };
  const begin = (): void => {
    if (kindOf(path) === "other") throw new Error("it is there, and no folder");
    Deno.mkdirSync(stage, { mode: 0o700 });
    modes.set("", 0o755);
  };
  const doing = (action: () => void): void => {
    // What still comes would otherwise be opened and written beside the removal, and remain.
    if (disposed) throw new PxrunError("FAILED", `cannot write ${path}: its draft was disposed of`);
    close();
    try {
      if (modes.size === 0) begin();
      action();
    } catch (error) {
      throw refused(path, error);
    }
  };

  return {
    folder(names, mode) {
      doing(() => {
        const at = names.length === 0 ? "" : below(names);
        if (at !== "") Deno.mkdirSync(join(stage, at), { mode: 0o700 });
        modes.set(at, mode);
      });
    },
    file(names, mode) {
      doing(() => {
        const at = below(names);
        file = Deno.openSync(join(stage, at), { write: true, createNew: true, mode: 0o600 });
        if (!windows) Deno.chmodSync(join(stage, at), mode);
        files.add(at);
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
        // Else a file that is there already would be written to.
        Deno.openSync(join(stage, at), { write: true, createNew: true }).close();
        Deno.copyFileSync(join(stage, ...from), join(stage, at));
        files.add(at);
      });
    },
    async keep() {
      doing(() => {
        for (const { at, target } of links) Deno.symlinkSync(target, join(stage, at));
      });
      try {
        const made = await move(stage, path);
        // Only now, since nothing can be moved out of or into a folder that may not be written to.
        for (const at of made.reverse()) {
          const mode = modes.get(at.slice(stage.length + 1).replaceAll("\\", "/"));
          if (mode !== undefined && !windows) {
            await Deno.chmod(join(path, at.slice(stage.length)), mode);
          }
        }
      } catch (error) {
        throw refused(path, error, "; part of it is there");
      }
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      close();
      await Deno.remove(stage, { recursive: true }).catch(() => {});
    },
  };
}

/**
 * Moves what was made to its place, into the folders that are there.
 *
 * @returns The folders that were not there, as they were called before.
 */
async function move(from: string, to: string): Promise<string[]> {
  const [source, target] = [kindOf(from), kindOf(to)];
  if (source === "folder" && target === "folder") {
    const made: string[] = [];
    for (const { name } of [...Deno.readDirSync(from)]) {
      made.push(...await move(join(from, name), join(to, name)));
    }
    return made;
  }
  if (target === "folder") throw new Error(`${to} is a folder there`);
  if (source === "folder" && target === "other") throw new Error(`${to} is no folder there`);
  const made = source === "folder" ? await foldersIn(from) : [];
  await Deno.rename(from, to);
  return made;
}

/** What is at a path; a link is none of what it leads to. */
function kindOf(path: string): "folder" | "other" | undefined {
  try {
    return Deno.lstatSync(path).isDirectory ? "folder" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw refused(path, error);
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const found = [folder];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await foldersIn(join(folder, name)));
  }
  return found;
}

function refused(path: string, error: unknown, left = ""): PxrunError {
  if (error instanceof PxrunError) return error;
  const why = error instanceof Deno.errors.PermissionDenied
    ? "this user may not"
    : messageOf(error);
  return new PxrunError("FAILED", `cannot write ${path}: ${why}${left}`, {
    cause: error,
    hint: `whose is it, and is there room? ls -ld ${dirname(path)}`,
  });
}
