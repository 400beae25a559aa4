import { openContext } from "../../../config/open_context.ts";
import { resolveSettings } from "../../../config/resolve.ts";
import { readTailscale } from "../../../config/settings.ts";
import { PxrunError } from "../../../core/errors.ts";
import { nodesText } from "../../../render/list.ts";
import { createClient, type TailscaleClient } from "../../../tailscale/client.ts";
import { devices } from "../../../tailscale/devices.ts";
import { createKey } from "../../../tailscale/keys.ts";
import { type Context, interruptible } from "../../app/context.ts";
import { print } from "../../app/output.ts";

/** Lists the nodes of the tailnet. */
export async function nodes(context: Context): Promise<void> {
  const { platform } = context;
  await interruptible(platform, "the list", async (signal) => {
    const { client } = await open(context);
    const found = await devices(client, signal);
    await print(context, { table: (style) => nodesText(found, style), data: found });
  });
}

/** The flags of `pxrun tailscale key`. */
export interface KeyFlags {
  readonly ephemeral?: boolean | undefined;
  readonly tag?: readonly string[] | undefined;
}

/** Makes a key and prints it. */
export async function key({ ephemeral = false, tag }: KeyFlags, context: Context): Promise<void> {
  const { client, tags } = await open(context);
  const request = { ephemeral, tags: tag ?? tags, description: "pxrun tailscale key" };
  const { id, key, expires } = await createKey(client, request);
  // It is what was asked for: the one secret that is printed.
  const text = key.reveal();
  await print(context, {
    note: `for one node, until ${expires}; ${request.tags.join(", ")}\n`,
    table: () => `${text}\n`,
    data: { id, key: text, expires },
  });
}

/** Tailscale's API, without any cluster. */
async function open(
  { platform, choice }: Context,
): Promise<{ client: TailscaleClient; tags: readonly string[] }> {
  const opened = await openContext(platform, choice);
  const { apiKey, tailnet, tags } = readTailscale(resolveSettings({}, platform.env, opened));
  if (apiKey === undefined) {
    throw new PxrunError("USAGE", "there is no key for Tailscale's API", {
      hint: "set TAILSCALE_API_KEY, or `pxrun config set tailscale.api_key`; " +
        "https://login.tailscale.com/admin/settings/keys makes one",
    });
  }
  return {
    client: createClient({ fetch: platform.fetch, clock: platform.clock, apiKey, tailnet }),
    tags,
  };
}
