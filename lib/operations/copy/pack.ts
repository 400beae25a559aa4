import { createTarPacker, type TarHeader } from "../../../deps/modern_tar.ts";
import { PxrunError } from "../../core/errors.ts";
import type { DirectoryEntry } from "../../core/platform.ts";
import type { DirectoryArchive } from "../../guest/copy.ts";

/** Longest name, in bytes, in the header of an archive. */
const NAME_BYTES = 100;
/** Number of bytes that go to the container at once. */
const BLOCK_BYTES = 256 * 1024;
/** Largest size that the header can hold. */
const LARGEST = 8 * 1024 ** 3 - 1;

/** The owner of what is packed, and what is called for the rest. */
export interface PackOptions {
  /** `user` or `user:group`, as names or numbers of the container (default: root). */
  readonly owner?: string | undefined;
  /** Called with the path of each thing that no archive can hold. */
  readonly onLeftOut: (path: string) => void;
}

/**
 * A directory as a tar archive that every tar reads: names of any length come in the old GNU way,
 * since BusyBox passes over the newer one.
 *
 * @param entries The directory, and what it holds.
 * @throws {PxrunError} FAILED, while it is read, for a file that gets shorter meanwhile.
 */
export async function pack(
  entries: AsyncIterable<DirectoryEntry>,
  { owner, onLeftOut }: PackOptions,
): Promise<DirectoryArchive> {
  const walk = entries[Symbol.asyncIterator]();
  const { value: top } = await walk.next();
  const mode = (top?.mode ?? 0o755).toString(8).padStart(4, "0");
  const end = `.pxrun-${crypto.randomUUID()}`;
  const owned = ownerHeader(owner);
  async function* content(): AsyncGenerator<Uint8Array> {
    const { readable, controller } = createTarPacker();
    /** Adds one part; of a file that got longer meanwhile, what it had. */
    async function addPart(header: TarHeader, content = nothing()): Promise<void> {
      const writer = controller.add(header).getWriter();
      let left = header.size;
      for await (const chunk of content) {
        const part = chunk.subarray(0, left);
        left -= part.length;
        await writer.write(part);
        if (left === 0) break;
      }
      if (left > 0) {
        throw new PxrunError("FAILED", `${header.name} got shorter while it was read`, {
          hint: "run the command again when nothing writes to it",
        });
      }
      await writer.close();
    }
    async function addLong(type: "gnu-long-name" | "gnu-long-link-name", text = ""): Promise<void> {
      const bytes = new TextEncoder().encode(`${text}\0`);
      if (bytes.length <= NAME_BYTES) return;
      await addPart({ name: "././@LongLink", type, size: bytes.length }, only(bytes));
    }
    async function add(header: TarHeader, content?: AsyncGenerator<Uint8Array>): Promise<void> {
      const { name, linkname } = header;
      await addLong("gnu-long-link-name", linkname);
      await addLong("gnu-long-name", name);
      const cutLink = linkname !== undefined && { linkname: cut(linkname) };
      await addPart({ ...header, ...owned, name: cut(name), ...cutLink }, content);
    }
    async function addEntry({ path, kind, mode, size, target, open }: DirectoryEntry) {
      const shown = path.join("/");
      const name = `./${shown}`;
      if (kind === "directory") {
        await add({ name: `${name}/`, type: "directory", size: 0, mode: mode ?? 0o755 });
      } else if (kind === "link") {
        await add({ name, type: "symlink", size: 0, mode: 0o777, linkname: target });
      } else if (kind === "other") onLeftOut(shown);
      else if (size > LARGEST) {
        throw new PxrunError("FAILED", `${shown} has more than 8 GiB`, {
          hint: "leave it out, and push it alone",
        });
      } else await add({ name, size, mode: mode ?? 0o644 }, size > 0 ? open() : nothing());
    }
    async function addAll(): Promise<void> {
      for await (const entry of { [Symbol.asyncIterator]: () => walk }) await addEntry(entry);
      await add({ name: `./${end}`, size: 0 });
      controller.finalize();
    }
    addAll().catch((error) => controller.error(error));
    yield* inBlocks(readable);
  }
  return { mode, owner, content: content(), end };
}

/** Fields from which tar restores the owner: names first, which it looks up in the container. */
function ownerHeader(owner = "0:0"): Pick<TarHeader, "uid" | "gid" | "uname" | "gname"> {
  const [user = "", group = "0"] = owner.split(":");
  const [uid, gid] = [user, group].map((name) => /^\d+$/.test(name) ? Number(name) : undefined);
  return {
    ...(uid === undefined ? { uname: user } : { uid }),
    ...(gid === undefined ? { gname: group } : { gid }),
  };
}

/** The same bytes in few pieces: each goes its own way to the container, whose end is waited for. */
async function* inBlocks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(BLOCK_BYTES);
  let length = 0;
  for await (const chunk of stream) {
    if (length + chunk.length > block.length) {
      yield block.slice(0, length);
      length = 0;
    }
    if (chunk.length > block.length) yield chunk;
    else {
      block.set(chunk, length);
      length += chunk.length;
    }
  }
  yield block.subarray(0, length);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Entry that a tar without long names sees. */
function cut(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length < NAME_BYTES) return text;
  // In ASCII, so that no character is cut in two.
  return text.replaceAll(/[^\x20-\x7e]/g, "_").slice(0, NAME_BYTES - 1);
}
