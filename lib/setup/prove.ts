import type { OpenContext } from "../config/resolve.ts";
import { connect, type ConnectOptions } from "../cluster/connect.ts";
import type { Platform } from "../core/platform.ts";
import { type Permissions, permissions } from "../proxmox/api/access.ts";
import { get as getVersion } from "../proxmox/api/version.ts";
import { withoutLogin } from "./node.ts";

/** What the API has answered to a context's own login. */
export interface Proof {
  readonly version: string;
  readonly tokenId: string;
  readonly permissions: Permissions;
}

/**
 * Asks the API with nothing but what a context says, whatever the environment has.
 *
 * @throws {PxrunError} UNAUTHORIZED when the token does not work, UNTRUSTED for a wrong certificate.
 */
export async function proveAccess(
  platform: Platform,
  context: OpenContext,
  { confirmCertificate }: Pick<ConnectOptions, "confirmCertificate"> = {},
): Promise<Proof> {
  await using cluster = await connect(
    { ...platform, env: withoutLogin(platform.env) },
    { context, confirmCertificate },
  );
  // One after the other: a token that is refused is tried once.
  const { version } = await getVersion(cluster.rest);
  return { version, tokenId: cluster.tokenId, permissions: await permissions(cluster.rest) };
}
