import { createTarPacker, type TarHeader } from "modern-tar";
import { PxrunError } from "../core/errors.ts";
import type { FolderEntry } from "../core/world.ts";

/** How long a name may be, in bytes, in the header of an archive. */
const NAME_BYTES = 100;
/** What the header can say about a size. */
const LARGEST = 8 * 1024 ** 3 - 1;

/** Names the parts of an archive that hold the folder, and say that all of it has come. */
export const PACKED = { folder: "tree", end: "whole" };

/**
 * A folder as a tar archive that every tar reads: names of any length come in the old GNU way, since
 * BusyBox passes over the newer one. Everything belongs to root.
 *
 * @param entries What the folder holds.
 * @param onLeftOut Told the path of each thing that no archive can hold.
 * @throws {PxrunError} FAILED, while it is read, for a file that gets shorter meanwhile.
 */
export function pack(
  entries: AsyncIterable<FolderEntry>,
  onLeftOut: (path: string) => void,
): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const add = async (header: TarHeader, content: AsyncIterable<Uint8Array>): Promise<void> => {
    for (
      const [type, long] of [["gnu-long-link-name", header.linkname], [
        "gnu-long-name",
        header.name,
      ]] as const
    ) {
      const bytes = new TextEncoder().encode(`${long ?? ""}\0`);
      if (bytes.length <= NAME_BYTES) continue;
      const writer = controller.add({ name: "././@LongLink", type, size: bytes.length })
        .getWriter();
      await writer.write(bytes);
      await writer.close();
    }
    const { name, linkname } = header;
    const body = controller.add({
      ...header,
      name: cut(name),
      ...(linkname !== undefined && { linkname: cut(linkname) }),
    });
    const writer = body.getWriter();
    let left = header.size;
    for await (const chunk of content) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      await writer.write(part);
      // What was added to it meanwhile is not of this copy.
      if (left === 0) break;
    }
    if (left > 0) throw new PxrunError("FAILED", `${name} got shorter while it was read`);
    await writer.close();
  };
  async function addAll(): Promise<void> {
    for await (const { path, kind, mode, size, target, open } of entries) {
      const name = [PACKED.folder, ...path].join("/");
      if (kind === "folder") {
        await add({ name: `${name}/`, type: "directory", size: 0, mode: mode ?? 0o755 }, nothing());
      } else if (kind === "link") {
        await add({ name, type: "symlink", size: 0, mode: 0o777, linkname: target }, nothing());
      } else if (kind === "other") onLeftOut(path.join("/"));
      else if (size > LARGEST) {
        throw new PxrunError("FAILED", `${path.join("/")} has more than 8 GiB`, {
          hint: "leave it out, and push it alone",
        });
      } else await add({ name, size, mode: mode ?? 0o644 }, size > 0 ? open() : nothing());
    }
    await add({ name: PACKED.end, size: 0 }, nothing());
    controller.finalize();
  }
  addAll().catch((error) => controller.error(error));
  return readable;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** What a tar that knows nothing of long names sees. */
function cut(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length < NAME_BYTES) return text;
  // In ASCII, so that no character is cut in two.
  return text.replaceAll(/[^\x20-\x7e]/g, "_").slice(0, NAME_BYTES - 1);
}
