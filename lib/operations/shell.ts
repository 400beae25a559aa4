import type { Cluster } from "../cluster/cluster.ts";
import { commandLine } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import { shellInGuest } from "../guest/shell.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import { inContainer } from "./in_container.ts";

/**
 * Signal that ends a shell before its user does.
 *
 * @category Containers
 */
export interface ShellOptions {
  /** Hangs up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs root's login shell in a running container on the terminal of the platform that the cluster
 * was connected with. Every key goes to the shell; the size of the terminal follows the window.
 *
 * @param cluster Where.
 * @param ct The vmid or the hostname of the container.
 * @param options What ends it.
 * @returns How the shell ended.
 * @throws {PxrunError} USAGE where there is no terminal, NOT_FOUND when there is no such
 * container, UNREACHABLE without its node or when the connection was lost.
 *
 * @example Type at a shell from a script
 * ```ts
 * import { connect, create, denoPlatform, parseRecipe, plan, shell } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = denoPlatform();
 * const terminal = {
 *   ...platform.terminal,
 *   chunks: () => new Blob(["exit 7\n"]).stream(),
 *   write: () => true,
 *   screen: {
 *     size: () => ({ columns: 80, rows: 24 }),
 *     onResize: () => () => {},
 *     raw: () => () => {},
 *   },
 * };
 * await using cluster = await connect({ ...platform, terminal, env: simulator.env() });
 * const recipe = parseRecipe("container: { hostname: a, template: debian-13 }", {
 *   file: "a.yaml",
 *   env: {},
 * });
 * await create(cluster, await plan(cluster, recipe));
 *
 * const { code } = await shell(cluster, "a");
 * assert.equal(code, 7);
 * ```
 *
 * @category Containers
 */
export async function shell(
  cluster: Cluster,
  ct: string | number,
  options: ShellOptions = {},
): Promise<Pick<ExecResult, "code" | "signal">> {
  const { signal } = options;
  const { env, terminal } = cluster.platform;
  const { screen } = terminal;
  if (screen === undefined) throw noTerminal(String(ct));
  let restore = (): void => {};
  try {
    return await inContainer(
      cluster,
      ct,
      signal,
      ({ ssh, sudo, same, vmid }) =>
        shellInGuest(ssh, vmid, {
          pty: {
            term: env["TERM"] || "xterm-256color",
            size: () => screen.size(),
            onResize: (callback) => screen.onResize(callback),
          },
          keys: terminal.chunks(),
          onOutput: (chunk) => void terminal.write("out", chunk),
          onBegun: () => restore = screen.raw(),
          sudo,
          same,
          signal,
        }),
    );
  } finally {
    restore();
  }
}

/** Why there can be no shell here. */
export function noTerminal(ct: string): PxrunError {
  return new PxrunError("USAGE", "a shell needs a terminal for standard input and output", {
    hint: `without one, give the commands to: ${commandLine(["pxrun", "exec", ct, "--", "sh"])}`,
  });
}
