import { gzipSync } from "node:zlib";
import { packTar } from "../../deps/modern_tar.ts";

/** One file of an archive. */
export interface ArchivedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** The time that all files of a release have: the one that npm gives to those of a package. */
export const ALWAYS = new Date("1985-10-26T08:15:00Z");

/**
 * A gzipped tar archive that depends on nothing but its files: not on times, owners or their order.
 *
 * @param directory The directory that all files are in.
 * @param files The files.
 */
export async function archiveOf(
  directory: string,
  files: readonly ArchivedFile[],
): Promise<Uint8Array> {
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  const tar = await packTar(sorted.map(({ path, bytes, executable }) => ({
    header: {
      name: `${directory}/${path}`,
      size: bytes.length,
      mode: executable ? 0o755 : 0o644,
      mtime: ALWAYS,
      type: "file",
    },
    body: bytes,
  })));
  return gzipSync(tar, { level: 9 });
}
