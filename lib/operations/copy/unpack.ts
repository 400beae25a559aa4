import { createTarDecoder, type ParsedTarEntry } from "../../../deps/modern_tar.ts";
import { messageOf, PxrunError } from "../../core/errors.ts";
import type { AtomicDirectory } from "../../core/platform.ts";

/** Takes a tar archive as it comes. */
export interface Unpacking {
  /** Takes the next bytes; throws what went wrong with those before. */
  push(chunk: Uint8Array): void;
  /** Resolves when all of it is in the draft. */
  end(): Promise<void>;
}

/**
 * Puts what a tar archive holds into a draft of a directory. The archive comes from a container, which
 * may mean harm: of its names nothing is believed but what the draft lets through.
 *
 * @param onLeftOut Called with the path of each device, pipe and other thing that is not copied.
 */
export function unpack(draft: AtomicDirectory, onLeftOut: (path: string) => void): Unpacking {
  const { readable, writable } = createTarDecoder({ strict: true });
  const writer = writable.getWriter();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= {
      error: error instanceof PxrunError ? error : new PxrunError(
        "FAILED",
        `what the container's tar sent cannot be read: ${messageOf(error)}`,
      ),
    };
  };
  const done = (async () => {
    for await (const entry of readable) {
      // Here, since leaving the loop fails what is written next, too.
      await take(entry, draft, onLeftOut).catch((error) => {
        fail(error);
        throw error;
      });
    }
  })().catch(fail);
  return {
    push(chunk) {
      if (failure) throw failure.error;
      // It is worked off before the next one comes: nothing in between waits for anything.
      writer.write(chunk).catch(fail);
    },
    async end() {
      await writer.close().catch(fail);
      await done;
      if (failure) throw failure.error;
    },
  };
}

async function take(
  { header, body }: ParsedTarEntry,
  draft: AtomicDirectory,
  onLeftOut: (path: string) => void,
): Promise<void> {
  const { name, linkname = "", type = "file", mode = 0 } = header;
  const path = segmentsOf(name);
  // A program of another's may not become one that runs as this user.
  const bits = mode & 0o777;
  if (type === "directory") draft.directory(path, bits);
  else if (type === "symlink") draft.link(path, linkname);
  else if (type === "link") draft.copy(path, segmentsOf(linkname));
  else if (type === "file") draft.file(path, bits);
  else onLeftOut(path.join("/"));
  for await (const chunk of body) if (type === "file") draft.write(chunk);
}

/** The names of a path as tar writes it: `./a/b`, with a `/` behind a directory. */
function segmentsOf(name: string): string[] {
  const inside = name.replace(/^\.(\/|$)/, "").replace(/\/$/, "");
  return inside === "" ? [] : inside.split("/");
}
