import { PxrunError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { fieldsOf, type TailscaleClient, textOf } from "./client.ts";
import { TailscaleError } from "./errors.ts";
import { KEYS_PAGE } from "./pages.ts";

/** Seconds that a key may be used at most: longer than what comes before it in a create. */
export const KEY_LIFETIME = 3600;

/** Purpose of a key. */
export interface KeyWish {
  /** `tag:server` …; a node with tags belongs to no user, and its node key does not expire. */
  readonly tags: readonly string[];
  /** The tailnet forgets the node soon after it went offline. */
  readonly ephemeral: boolean;
  /** Shown in the admin console. */
  readonly description: string;
}

/** A key that lets one node join. */
export interface AuthKey {
  readonly id: string;
  readonly key: Secret;
  /** As the API gives it: RFC 3339. */
  readonly expires: string;
}

/** Makes a key that works once, soon, and needs nobody to approve the node. */
export async function createKey(
  client: TailscaleClient,
  { tags, ephemeral, description }: KeyWish,
  signal?: AbortSignal,
): Promise<AuthKey> {
  const what = "make an auth key";
  const create = { reusable: false, ephemeral, preauthorized: true, tags };
  // More than this the API does not take.
  const name = description.replace(/[^A-Za-z0-9 -]+/g, "-").slice(0, 50);
  const reply = fieldsOf(
    await client.call({
      method: "POST",
      path: client.inTailnet("keys"),
      what,
      signal,
      body: {
        capabilities: { devices: { create } },
        expirySeconds: KEY_LIFETIME,
        description: name,
      },
    }).catch((error) => {
      throw orUnsure(error, name);
    }),
  );
  const [id, key] = [textOf(reply["id"]), textOf(reply["key"])];
  if (id === "" || key === "") {
    throw orUnsure(new PxrunError("FAILED", `cannot ${what}: Tailscale's reply has none`), name);
  }
  return { id, key: new Secret(key), expires: textOf(reply["expires"]) };
}

/** The same error; where the key may have been made anyway, it says how to revoke it. */
function orUnsure(error: unknown, name: string): unknown {
  if (!(error instanceof PxrunError)) return error;
  const refused = error instanceof TailscaleError && error.status < 500;
  if (refused || error.code === "INTERRUPTED") return error;
  return new PxrunError(error.code, error.message, {
    hint: `run the command again; a key called ${name} may have been made anyway, ` +
      `and can be revoked at ${KEYS_PAGE}`,
    cause: error,
  });
}

/** Revokes a key. Nodes that have joined with it stay; a key that no longer exists is fine. */
export async function deleteKey(
  client: TailscaleClient,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const path = client.inTailnet(`keys/${encodeURIComponent(id)}`);
  await client.call({ method: "DELETE", path, what: "revoke an auth key", signal })
    .catch((error) => {
      if (!(error instanceof TailscaleError && error.status === 404)) throw error;
    });
}
