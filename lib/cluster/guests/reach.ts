import type { Cluster } from "../cluster.ts";
import { PxrunError } from "../../core/errors.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import { find, type Found } from "./find.ts";
import { assertSame, type Target } from "../changes/same_guest.ts";
import { enterableNow } from "./still_is.ts";

/** A container with the way into it. */
export interface Reached extends Found {
  readonly ssh: SshTransport;
  /** The SSH user is not root. */
  readonly sudo: boolean;
}

/** Finds a container and connects to its node; it is the one that was meant when this returns. */
export async function reach(
  cluster: Cluster,
  ct: string | number,
  signal: AbortSignal | undefined,
): Promise<Reached> {
  const reached = await enterable(cluster, await find(cluster, String(ct), signal), signal);
  await enterableNow(cluster, reached, signal);
  return reached;
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

/** Connects to the node of a container and then compares: connecting takes its time. */
export async function openSame(cluster: Cluster, target: Target): Promise<SshTransport> {
  const ssh = await cluster.ssh(target.node, target.signal);
  await assertSame(cluster, target);
  return ssh;
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
