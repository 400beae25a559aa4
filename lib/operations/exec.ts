import type { Cluster } from "../cluster/cluster.ts";
import { PxrunError } from "../core/errors.ts";
import { type GuestCommand, startInGuest } from "../guest/command.ts";
import type { Stdin } from "../ssh/client/transport.ts";
import { inContainer } from "./in_container.ts";

/** Number of lines of standard error in an error of {@linkcode execText}. */
const LAST_LINES = 20;

/**
 * The streams of a command in a container, and what ends it.
 *
 * @category Containers
 */
export interface ExecOptions {
  /** Absent: standard input is empty. A source is read as fast as the command reads. */
  readonly stdin?: Stdin;
  /** Sees standard output as it arrives; the result then holds none of it. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  /** Sees standard error as it arrives; the result then holds none of it. */
  readonly onStderr?: (chunk: Uint8Array) => void;
  /** Ends the command: TERM, and KILL after some seconds. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a command as root in a running container, on whichever node that is. There is no
 * shell in between, and the environment is that of `pct exec --keep-env 0`: PATH and little else.
 *
 * @param cluster Where.
 * @param ct The vmid or the hostname of the container.
 * @param argv The command and its arguments.
 * @param options Its streams, and what ends it.
 * @returns The running command.
 * @throws {PxrunError} NOT_FOUND when there is no such container, UNREACHABLE without its node.
 *
 * @example Give a command its input and read its output
 * ```ts
 * import { connect, create, denoPlatform, exec, parseRecipe, plan } from "@pxrun/pxrun";
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
 * const command = await exec(cluster, "a", ["sort"], { stdin: "b\na\n" });
 * const { code, stdout } = await command.ended;
 * assert.equal(code, 0);
 * assert.equal(new TextDecoder().decode(stdout), "a\nb\n");
 * ```
 *
 * @category Containers
 */
export async function exec(
  cluster: Cluster,
  ct: string | number,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<GuestCommand> {
  const { clock } = cluster.platform;
  const started = Promise.withResolvers<GuestCommand>();
  const ended = inContainer(cluster, ct, options.signal, ({ ssh, sudo, same, vmid }) => {
    const command = startInGuest(ssh, vmid, argv, { ...options, clock, sudo, same });
    started.resolve(command);
    return command.ended;
  });
  // Its failure is the caller's; until someone waits it must not count as unhandled.
  ended.catch(started.reject);
  return { ...await started.promise, ended };
}

/**
 * The input of a command whose output is text, and what ends it.
 *
 * @category Containers
 */
export type ExecTextOptions = Pick<ExecOptions, "stdin" | "signal">;

/**
 * Runs a command as root in a running container and gives what it printed.
 *
 * @param cluster The cluster.
 * @param ct The vmid or the hostname of the container.
 * @param argv The command and its arguments.
 * @param options Its input, and what ends it.
 * @returns Its standard output as text, as it is.
 * @throws {PxrunError} FAILED when it ends with another status than 0, with the last lines of its
 * standard error; as {@linkcode exec} otherwise.
 *
 * @example The hostname in a container
 * ```ts
 * import { connect, create, denoPlatform, execText, parseRecipe, plan } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoPlatform(), env: simulator.env() });
 * const recipe = parseRecipe({ container: { hostname: "a", template: "debian-13" } });
 * const { vmid } = await create(cluster, await plan(cluster, recipe));
 *
 * assert.equal(await execText(cluster, vmid, ["cat", "/etc/hostname"]), "a\n");
 * await assert.rejects(execText(cluster, vmid, ["false"]), { code: "FAILED" });
 * ```
 *
 * @category Containers
 */
export async function execText(
  cluster: Cluster,
  ct: string | number,
  argv: readonly string[],
  options: ExecTextOptions = {},
): Promise<string> {
  const { ended } = await exec(cluster, ct, argv, options);
  const { code, signal, stdout, stderr } = await ended;
  const decoder = new TextDecoder();
  if (code === 0) return decoder.decode(stdout);
  const how = code === undefined ? `was ended by ${signal ?? "a signal"}` : `exited with ${code}`;
  const last = decoder.decode(stderr).trim().split("\n").slice(-LAST_LINES).join("\n  ");
  throw new PxrunError(
    "FAILED",
    `${argv[0]} ${how} in container ${ct}${last === "" ? "" : `:\n  ${last}`}`,
  );
}
