import { join, resolve } from "node:path";
import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { partly, type PullOptions, pullPath } from "../../guest/copy.ts";
import { inContainer } from "../in_container.ts";
import { checkGuestPath, checkMode, checkPath, nameOf } from "./checks.ts";
import { unpack, type Unpacking } from "./unpack.ts";

/**
 * Reads one file of a running container, streaming, or a directory as a tar archive; a link is followed.
 *
 * @param cluster The cluster.
 * @param ct The VMID or the hostname of the container.
 * @param source The absolute path of the file.
 * @param options What takes it.
 * @returns When all of it has come.
 * @throws {PxrunError} FAILED with what the container printed: what came until then is not all.
 *
 * @example Read the name of a system
 * ```ts
 * import { connect, create, denoPlatform, parseRecipe, plan, pull } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoPlatform(), env: simulator.env() });
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * await create(cluster, await plan(cluster, recipe));
 *
 * let text = "";
 * await pull(cluster, "a", "/etc/os-release", {
 *   onChunk: (chunk) => text += new TextDecoder().decode(chunk),
 * });
 * assert.match(text, /debian/);
 * ```
 *
 * @category Containers
 */
export async function pull(
  cluster: Cluster,
  ct: string | number,
  source: string,
  options: PullOptions,
): Promise<void> {
  const { onDirectory = () => refuseDirectory(ct, source) } = options;
  checkGuestPath(source);
  const { clock } = cluster.platform;
  await inContainer(
    cluster,
    ct,
    options.signal,
    ({ ssh, sudo, same, vmid }) =>
      pullPath(ssh, vmid, source, { ...options, onDirectory, clock, sudo, same }),
  );
}

function refuseDirectory(ct: string | number, source: string): never {
  throw new PxrunError("FAILED", `${source} in container ${ct} is a directory`, {
    hint: "name a directory to copy it into; as one stream",
    remedies: [{ kind: "exec", container: ct, argv: ["tar", "c", "-C", source, "."] }],
  });
}

/**
 * Options for a file or directory that is pulled to the local host.
 *
 * @category Containers
 */
export interface PullIntoOptions extends Pick<PullOptions, "onSize" | "signal"> {
  /** Octal, of a file: `0644` (default: as in the container, without set-user-ID and the like). */
  readonly mode?: string | undefined;
  /** Called with the path in the directory of each pipe and device: they are not copied. */
  readonly onLeftOut?: (path: string) => void;
  /** Called with the number of bytes that have come, piece by piece. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Copies a file or a directory of a running container to this machine, as `cp -r` does: into an
 * existing directory, under its own name, else as the path; `directory/.` copies its contents. It
 * belongs to the user. A file or a new directory is there once all of it has come; what is cut off
 * in an existing directory is there in part, and the error says so. Nothing is written elsewhere,
 * whatever the container sends.
 *
 * @param cluster The cluster.
 * @param ct The VMID or the hostname of the container.
 * @param source The absolute path in the container.
 * @param path Where to, on this machine.
 * @param options The mode of a file, and what is called for what is left out.
 * @returns When all of it is there.
 * @throws {PxrunError} USAGE for a mode that is invalid or for a directory, FAILED with what the
 * container or this machine printed.
 *
 * @example See {@linkcode pushDirectory}
 *
 * @category Containers
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
  const { cwd, fileStreams } = cluster.platform;
  const named = resolve(cwd, path);
  const to = await fileStreams.isDirectory(named) ? join(named, nameOf(source, source)) : named;
  // A program of another's may not become one that runs as this user.
  let kept = 0o644;
  let unpacking: Unpacking | undefined;
  await using directory = fileStreams.draftDirectory(to);
  const exists = await fileStreams.isDirectory(to);
  await using file = exists ? undefined : await fileStreams.draft(to);
  try {
    await pull(cluster, ct, source, {
      onSize,
      onMode(given) {
        if (exists) {
          throw new PxrunError("FAILED", `cannot write ${to}: it is a directory`, {
            hint: "remove it first, or name another path",
          });
        }
        if (to === named && path.endsWith("/")) {
          throw new PxrunError("FAILED", `cannot write ${path}: there is no such directory`, {
            hint: "make it first, or leave out the / at the end",
          });
        }
        kept = given & 0o777;
      },
      onDirectory() {
        if (mode !== undefined) {
          throw new PxrunError("USAGE", `${source} is a directory: --mode is for a single file`, {
            hint: "what is in a directory keeps its modes",
          });
        }
        unpacking = unpack(directory, onLeftOut);
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
    await directory.keep();
  } catch (error) {
    throw unpacking !== undefined && exists ? partly(error, to) : error;
  }
}
