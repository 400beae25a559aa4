import type { Cluster } from "../../cluster/cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import { pullPath, pushFile } from "../../guest/copy.ts";
import type { Stdin } from "../../ssh/client/transport.ts";
import { reach } from "../../cluster/guests/reach.ts";
import { inPlace } from "../../cluster/guests/where.ts";

/** How a file arrives in a container. */
export interface PushOptions {
  /** What it is called where the target is a folder; absent: the target cannot be one. */
  readonly name?: string | undefined;
  /** Octal: `0644`. Absent: the mode of the file that is there, else 0644. */
  readonly mode?: string | undefined;
  /** `user`, `user:group` or their numbers. Absent: the owner of the file that is there, else root. */
  readonly owner?: string | undefined;
  /** Gives it up; what has arrived stays. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes one file in a running container, streaming; a link is followed.
 *
 * @param cluster Where.
 * @param ct The vmid or the hostname of the container.
 * @param content What is written. A source is read as fast as it arrives.
 * @param target The absolute path of a file, or with a `name` of a folder.
 * @param options Name, mode and owner.
 * @returns When all of it is there.
 * @throws {PxrunError} USAGE for a mode or owner that is none, FAILED with what the container said.
 *
 * @example Write a file, and read it
 * ```ts
 * import { connect, create, denoWorld, parseRecipe, plan, pull, push } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoWorld(), env: simulator.env() });
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
 */
export async function push(
  cluster: Cluster,
  ct: string | number,
  content: Stdin,
  target: string,
  options: PushOptions = {},
): Promise<void> {
  const { name, mode, owner, signal } = options;
  checkMode(mode);
  checkOwner(owner);
  checkGuestPath(target);
  const { ssh, sudo, same, ...found } = await reach(cluster, ct, signal);
  const { clock } = cluster.world;
  const place = { target, name, mode, owner };
  await inPlace(
    cluster,
    found,
    () => pushFile(ssh, found.vmid, place, content, { clock, sudo, same, signal }),
  );
}

/** Refuses a path of this machine that is empty: it would be the folder that the user is in. */
export function checkPath(path: string): void {
  if (path !== "") return;
  throw new PxrunError("USAGE", "a path of this machine is empty", {
    hint: "is a variable not set? the folder that you are in is .",
  });
}

/** Refuses a path in a container that is relative: there is nothing that it is relative to. */
export function checkGuestPath(path: string): void {
  if (path.startsWith("/")) return;
  throw new PxrunError("USAGE", `not an absolute path: ${path}`, {
    hint: "a path in a container begins with /",
  });
}

/** Refuses what is no mode. */
export function checkMode(mode: string | undefined): void {
  if (mode === undefined || /^[0-7]{3,4}$/.test(mode)) return;
  throw new PxrunError("USAGE", `${JSON.stringify(mode)} is not a mode`, {
    hint: "write it in octal: 0644",
  });
}

/** Refuses what is no owner. */
export function checkOwner(owner: string | undefined): void {
  if (owner === undefined || /^[\w.][\w.@-]*(:[\w.][\w.@-]*)?$/.test(owner)) return;
  throw new PxrunError("USAGE", `${JSON.stringify(owner)} is not an owner`, {
    hint: "write user or user:group, as names or numbers",
  });
}

/** Who takes a file from a container. */
export interface PullOptions {
  /** Told the permission bits before the content comes. */
  readonly onMode?: (mode: number) => void;
  /** Called with the number of bytes that a file has, before its content comes. */
  readonly onSize?: (bytes: number) => void;
  /** Told that it is a folder, and what comes is a tar archive of it. Absent: a folder is refused. */
  readonly onFolder?: () => void;
  /** Sees the content as it arrives. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one file of a running container, streaming, or a folder as a tar archive; a link is followed.
 *
 * @param cluster Where.
 * @param ct The vmid or the hostname of the container.
 * @param source The absolute path of the file.
 * @param options Who takes it.
 * @returns When all of it has come.
 * @throws {PxrunError} FAILED with what the container said: what came until then is not all.
 *
 * @example Read the name of a system
 * ```ts
 * import { connect, create, denoWorld, parseRecipe, plan, pull } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoWorld(), env: simulator.env() });
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
 */
export async function pull(
  cluster: Cluster,
  ct: string | number,
  source: string,
  options: PullOptions,
): Promise<void> {
  const { onMode = () => {}, onSize = () => {}, onChunk, signal } = options;
  const { onFolder = () => refuseFolder(ct, source) } = options;
  checkGuestPath(source);
  const { ssh, sudo, same, ...found } = await reach(cluster, ct, signal);
  const { clock } = cluster.world;
  const takers = { onMode, onSize, onFolder, onChunk };
  await inPlace(
    cluster,
    found,
    () => pullPath(ssh, found.vmid, source, takers, { clock, sudo, same, signal }),
  );
}

function refuseFolder(ct: string | number, source: string): never {
  throw new PxrunError("FAILED", `${source} in container ${ct} is a folder`, {
    hint: "name a folder to copy it into; as one stream",
    remedies: [{ kind: "exec", container: ct, argv: ["tar", "c", "-C", source, "."] }],
  });
}
