import type { Cluster } from "../connect/cluster.ts";
import { type GuestCommand, startInGuest } from "../guest/command.ts";
import type { Stdin } from "../ssh/transport.ts";
import { reach } from "./reach.ts";
import { inPlace } from "./where.ts";

/** The streams of a command in a container, and what ends it. */
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
 * import { connect, create, denoWorld, exec, parseRecipe, plan } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * await using cluster = await connect({ ...denoWorld(), env: simulator.env() });
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * for await (const _ of create(cluster, await plan(cluster, recipe)));
 *
 * const command = await exec(cluster, "a", ["sort"], { stdin: "b\na\n" });
 * const { code, stdout } = await command.ended;
 * assert.equal(code, 0);
 * assert.equal(new TextDecoder().decode(stdout), "a\nb\n");
 * ```
 */
export async function exec(
  cluster: Cluster,
  ct: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<GuestCommand> {
  const { ssh, sudo, ...found } = await reach(cluster, ct, options.signal);
  const { clock } = cluster.world;
  const command = startInGuest(ssh, found.vmid, argv, { ...options, clock, sudo });
  const ended = inPlace(cluster, found, () => command.ended);
  // Whoever waits for it sees its failure; until then it must not count as unhandled.
  ended.catch(() => {});
  return { ...command, ended };
}
