import { resolve } from "node:path";
import type { Cluster } from "../../cluster/cluster.ts";
import { pushArchive, pushFile, type PushOptions } from "../../guest/copy.ts";
import type { Stdin } from "../../ssh/client/transport.ts";
import { inContainer } from "../in_container.ts";
import { checkGuestPath, checkMode, checkOwner, checkPath, nameOf } from "./checks.ts";
import { pack } from "./pack.ts";

/**
 * Writes one file in a running container, streaming; a link is followed.
 *
 * @param cluster The cluster.
 * @param ct The VMID or the hostname of the container.
 * @param content What is written. A source is read as fast as it arrives.
 * @param target The absolute path of a file, or with a `name` of a directory.
 * @param options Name, mode and owner.
 * @returns When all of it is there.
 * @throws {PxrunError} USAGE for an invalid mode or owner, FAILED with what the container printed.
 *
 * @example Write a file, and read it
 * ```ts
 * import { connect, create, denoPlatform, parseRecipe, plan, pull, push } from "@pxrun/pxrun";
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
 * await push(cluster, "a", "hello\n", "/etc/motd", { mode: "0600" });
 * const chunks: Uint8Array[] = [];
 * await pull(cluster, "a", "/etc/motd", {
 *   onMode: (mode) => assert.equal(mode, 0o600),
 *   onChunk: (chunk) => chunks.push(chunk),
 * });
 * assert.equal(await new Blob(chunks as BlobPart[]).text(), "hello\n");
 * ```
 *
 * @category Containers
 */
export async function push(
  cluster: Cluster,
  ct: string | number,
  content: Stdin,
  target: string,
  options: PushOptions = {},
): Promise<void> {
  checkMode(options.mode);
  checkOwner(options.owner);
  checkGuestPath(target);
  const { clock } = cluster.platform;
  await inContainer(
    cluster,
    ct,
    options.signal,
    ({ ssh, sudo, same, vmid }) =>
      pushFile(ssh, vmid, content, target, { ...options, clock, sudo, same }),
  );
}

/**
 * Options for a directory that is pushed into a container.
 *
 * @category Containers
 */
export interface PushDirectoryOptions extends Pick<PushOptions, "signal"> {
  /** `user`, `user:group` or their numbers (default: root). */
  readonly owner?: string | undefined;
  /** Called with the path in the directory of each socket, pipe and device: they are not copied. */
  readonly onLeftOut?: (path: string) => void;
  /** Called with the number of bytes that are sent, piece by piece. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Copies a directory of this machine into a running container, as `cp -r` does: into an existing
 * directory, under its own name, else as the target; `directory/.` copies its contents. Modes and
 * links stay as they are. A new directory is there once all of it has come; what is cut off in an
 * existing one is there in part, and the error says so.
 *
 * @param cluster The cluster.
 * @param ct The VMID or the hostname of the container.
 * @param directory The directory on this machine.
 * @param target An absolute path in the container.
 * @param options Its owner, and what is called for what is left out.
 * @returns When all of it is there.
 * @throws {PxrunError} USAGE for an invalid owner, FAILED with what the container printed.
 *
 * @example Copy the contents of a directory there and back
 * ```ts
 * import { connect, create, denoPlatform, parseRecipe, plan } from "@pxrun/pxrun";
 * import { pullInto, pushDirectory } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 * import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoPlatform(), env: simulator.env() });
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * await create(cluster, await plan(cluster, recipe));
 *
 * const directory = await mkdtemp("/tmp/pxrun-");
 * await mkdir(`${directory}/site`);
 * await writeFile(`${directory}/site/index.html`, "<h1>Hello</h1>\n");
 * await pushDirectory(cluster, "a", `${directory}/site`, "/srv");
 * await pullInto(cluster, "a", "/srv/site", `${directory}/back`);
 * assert.equal(await readFile(`${directory}/back/index.html`, "utf8"), "<h1>Hello</h1>\n");
 * await rm(directory, { recursive: true });
 * ```
 *
 * @category Containers
 */
export async function pushDirectory(
  cluster: Cluster,
  ct: string | number,
  directory: string,
  target: string,
  options: PushDirectoryOptions = {},
): Promise<void> {
  const { owner, onLeftOut = () => {}, onBytes = () => {}, signal } = options;
  checkPath(directory);
  checkOwner(owner);
  checkGuestPath(target);
  const { cwd, clock, fileStreams } = cluster.platform;
  const path = resolve(cwd, directory);
  await inContainer(cluster, ct, signal, async ({ ssh, sudo, same, vmid }) => {
    const archive = await pack(fileStreams.entries(path), { owner, onLeftOut });
    const content = counted(archive.content, onBytes);
    const how = { name: nameOf(directory, path), signal, clock, sudo, same };
    await pushArchive(ssh, vmid, { ...archive, content }, target, how);
  });
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
