import type { Cluster } from "../cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Same } from "../../guest/same.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import type { Found } from "./find.ts";
import { birthOf, type Meant, sameInside } from "../changes/same_guest.ts";
import { enterableNow } from "./still_is.ts";

/** A container with the way into it. */
export interface Reached extends Found {
  readonly ssh: SshTransport;
  /** The SSH user is not root. */
  readonly sudo: boolean;
}

/** A container that was found, and what its node compares before it enters it. */
export interface ReachedSame extends Reached {
  readonly same: Same;
}

/**
 * Connects to the node of a container that was found; only that container is entered. It is read
 * while connecting, which takes its time: what came in between, its node refuses.
 *
 * @throws {PxrunError} NOT_FOUND when it was destroyed or another one has its vmid.
 */
export async function reach(
  cluster: Cluster,
  found: Found,
  signal: AbortSignal | undefined,
): Promise<ReachedSame> {
  const [config, reached] = await Promise.all([
    enterableNow(cluster, found, signal),
    enterable(cluster, found, signal),
  ]);
  const birth = birthOf(config);
  const is: Meant = (config) => birthOf(config) === birth;
  return { ...reached, same: sameInside(cluster, { ...found, is }, birth) };
}

/** Connects to the node of a container. */
export async function enterable(
  cluster: Pick<Cluster, "ssh" | "route">,
  found: Found,
  signal: AbortSignal | undefined,
): Promise<Reached> {
  const ssh = await cluster.ssh(found.node, signal);
  const { user } = await cluster.route(found.node);
  return { ...found, ssh, sudo: user !== "root" };
}

/** Does what only looks by SSH, and once more over another connection where the first was lost. */
export async function look<T>(
  open: () => Promise<SshTransport>,
  act: (ssh: SshTransport) => Promise<T>,
): Promise<T> {
  const ssh = await open();
  try {
    return await act(ssh);
  } catch (error) {
    const lost = error instanceof PxrunError && error.code === "UNREACHABLE";
    if (!lost) throw error;
    return await act(await open());
  }
}
