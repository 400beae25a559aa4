import { basename, join, resolve } from "node:path";
import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { pushFolder as pushArchive } from "../../guest/copy.ts";
import { checkGuestPath, checkMode, checkOwner, checkPath, pull } from "./copy.ts";
import { pack } from "./pack.ts";
import { reach } from "../../cluster/guests/reach.ts";
import { unpack, type Unpacking } from "./unpack.ts";

/** How a folder arrives in a container. */
export interface PushFolderOptions {
  /** `user`, `user:group` or their numbers. Absent: root. */
  readonly owner?: string | undefined;
  /** Told the path in the folder of each socket, pipe and device: they are not copied. */
  readonly onLeftOut?: (path: string) => void;
  /** Called with the number of bytes that are sent, piece by piece. */
  readonly onBytes?: (count: number) => void;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies a folder of this machine into a running container, as `cp -r` does: into a folder that is
 * there, under its own name, else as the target; `folder/.` copies what is in it. Modes and links stay
 * as they are. Only once all of it has come does it take its place.
 *
 * @param cluster Where.
 * @param ct The vmid or the hostname of the container.
 * @param folder The folder on this machine.
 * @param target An absolute path in the container.
 * @param options Its owner, and who hears what is left out.
 * @returns When all of it is there.
 * @throws {PxrunError} USAGE for an owner that is none, FAILED with what the container said.
 *
 * @example Copy what is in a folder there and back
 * ```ts
 * import { connect, create, denoWorld, parseRecipe, plan } from "@pxrun/pxrun";
 * import { pullInto, pushFolder } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 * import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoWorld(), env: simulator.env() });
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * await create(cluster, await plan(cluster, recipe));
 *
 * const folder = await mkdtemp("/tmp/pxrun-");
 * await mkdir(`${folder}/site`);
 * await writeFile(`${folder}/site/index.html`, "<h1>Hello</h1>\n");
 * await pushFolder(cluster, "a", `${folder}/site`, "/srv");
 * await pullInto(cluster, "a", "/srv/site", `${folder}/back`);
 * assert.equal(await readFile(`${folder}/back/index.html`, "utf8"), "<h1>Hello</h1>\n");
 * await rm(folder, { recursive: true });
 * ```
 */
export async function pushFolder(
  cluster: Cluster,
  ct: string | number,
  folder: string,
  target: string,
  options: PushFolderOptions = {},
): Promise<void> {
  const { owner, onLeftOut = () => {}, onBytes = () => {}, signal } = options;
  checkPath(folder);
  checkOwner(owner);
  checkGuestPath(target);
  const { cwd, clock, fileStreams } = cluster.world;
  const path = resolve(cwd, folder);
  const { ssh, sudo, same, vmid } = await reach(cluster, ct, signal);
  const archive = counted(pack(fileStreams.entries(path), onLeftOut), onBytes);
  const name = nameOf(folder, path);
  await pushArchive(ssh, vmid, { target, name, owner }, archive, { clock, sudo, same, signal });
}

/** How something of a container arrives on this machine. */
export interface PullIntoOptions {
  /** Octal, of a file: `0644`. Absent: what it is there, without set-user-ID and the like. */
  readonly mode?: string | undefined;
  /** Told the path in the folder of each pipe and device: they are not copied. */
  readonly onLeftOut?: (path: string) => void;
  /** Called with the number of bytes that a file has, before it comes. */
  readonly onSize?: (bytes: number) => void;
  /** Called with the number of bytes that have come, piece by piece. */
  readonly onBytes?: (count: number) => void;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies a file or a folder of a running container to this machine, as `cp -r` does: into a folder that
 * is there, under its own name, else as the path; `folder/.` copies what is in it. It belongs to the
 * user. Only once all of it has come does it take its place, and nothing is written elsewhere, whatever
 * the container sends.
 *
 * @param cluster Where.
 * @param ct The vmid or the hostname of the container.
 * @param source The absolute path in the container.
 * @param path Where to, on this machine.
 * @param options The mode of a file, and who hears what is left out.
 * @returns When all of it is there.
 * @throws {PxrunError} USAGE for a mode that is none or is not for a folder, FAILED with what the
 * container or this machine said.
 *
 * @example See {@linkcode pushFolder}
 */
export async function pullInto(
  cluster: Cluster,
  ct: string | number,
  source: string,
  path: string,
  options: PullIntoOptions = {},
): Promise<void> {
  const { mode, onLeftOut = () => {}, onSize = () => {}, onBytes = () => {}, signal } = options;
  checkPath(path);
  checkGuestPath(source);
  checkMode(mode);
  const { cwd, fileStreams } = cluster.world;
  const named = resolve(cwd, path);
  const to = await fileStreams.isFolder(named) ? join(named, nameOf(source, source)) : named;
  // A program of another's may not become one that runs as this user.
  let kept = 0o644;
  let unpacking: Unpacking | undefined;
  await using folder = fileStreams.draftFolder(to);
  const taken = await fileStreams.isFolder(to);
  await using file = taken ? undefined : await fileStreams.draft(to);
  await pull(cluster, ct, source, {
    onSize,
    onMode(given) {
      if (taken) {
        throw new PxrunError("FAILED", `cannot write ${to}: it is a directory`, {
          hint: "remove it first, or name another path",
        });
      }
      if (to === named && path.endsWith("/")) {
        throw new PxrunError("FAILED", `cannot write ${path}: there is no such folder`, {
          hint: "make it first, or leave out the / at the end",
        });
      }
      kept = given & 0o777;
    },
    onFolder() {
      if (mode !== undefined) {
        throw new PxrunError("USAGE", `${source} is a folder: --mode is for a single file`, {
          hint: "what is in a folder keeps its modes",
        });
      }
      unpacking = unpack(folder, onLeftOut);
    },
    onChunk(chunk) {
      onBytes(chunk.length);
      if (unpacking) unpacking.push(chunk);
      else file?.write(chunk);
    },
    signal,
  });
  if (unpacking === undefined) {
    return await file?.keep(mode === undefined ? kept : parseInt(mode, 8));
  }
  await unpacking.end();
  signal?.throwIfAborted();
  await folder.keep();
}

async function* counted(
  archive: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of archive) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** The last name of a path; `.` for what is in a folder. */
function nameOf(given: string, path: string): string {
  return /(^|[\\/])\.\.?[\\/]*$/.test(given) ? "." : basename(path) || ".";
}
