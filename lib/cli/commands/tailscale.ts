import type { GetContext, Root } from "../app/root.ts";
import { examples } from "../app/help/help_page.ts";
import { collect, type Context, interruptible } from "../app/context.ts";
import { PxrunError } from "../../core/errors.ts";
import type { TailscaleClient } from "../../tailscale/client.ts";

/** `pxrun tailscale nodes|key` */
export function addTailscale(root: Root, context: GetContext): void {
  const group = root.command("tailscale")
    .summary("show the tailnet, create keys to join it")
    .description(
      "Ask Tailscale's API about the tailnet, with the key in TAILSCALE_API_KEY or the setting " +
        "tailscale.api_key. No cluster is needed.",
    )
    .addHelpText("after", examples([["pxrun tailscale nodes", "list the nodes of the tailnet"]]));
  group.command("nodes")
    .summary("list the nodes of the tailnet")
    .description("List the nodes of the tailnet, by name.")
    .addHelpText("after", examples([["pxrun tailscale nodes --json", "everything, as data"]]))
    .action(() => nodes(context()));
  group.command("key")
    .summary("create a key to join with")
    .description(
      "Create a key that lets one node join within an hour, and print it on standard output.",
    )
    .option("--ephemeral", "remove the node from the tailnet when it goes offline")
    .option("--tag <tag>", "tag of the node, repeatable (default: tailscale.tags)", collect)
    .addHelpText(
      "after",
      examples([["pxrun tailscale key --ephemeral --tag tag:ci", "for a short-lived node"]]),
    )
    .action((options) => key(options, context()));
}

async function nodes(context: Context): Promise<void> {
  const { world } = context;
  const { devices } = await import("../../tailscale/devices.ts");
  const { nodesText } = await import("../../render/tailscale.ts");
  const { print } = await import("../app/output.ts");
  await interruptible(world, "the list", async (signal) => {
    const { client } = await open(context);
    const found = await devices(client, signal);
    await print(context, { table: (style) => nodesText(found, style), data: found });
  });
}

interface KeyOptions {
  readonly ephemeral?: boolean | undefined;
  readonly tag?: readonly string[] | undefined;
}

async function key({ ephemeral = false, tag }: KeyOptions, context: Context): Promise<void> {
  const { createKey } = await import("../../tailscale/keys.ts");
  const { print } = await import("../app/output.ts");
  const { client, tags } = await open(context);
  const wish = { ephemeral, tags: tag ?? tags, description: "pxrun tailscale key" };
  const { id, key, expires } = await createKey(client, wish);
  // It is what was asked for: the one secret that is printed.
  const text = key.reveal();
  await print(context, {
    note: `for one node, until ${expires}; ${wish.tags.join(", ")}\n`,
    table: () => `${text}\n`,
    data: { id, key: text, expires },
  });
}

/** Tailscale's API, without any cluster. */
async function open(
  { world, choice }: Context,
): Promise<{ client: TailscaleClient; tags: readonly string[] }> {
  const { resolveSettings } = await import("../../config/resolve.ts");
  const { readTailscale } = await import("../../config/tailscale.ts");
  const { openContext } = await import("../../config/open_context.ts");
  const { createClient } = await import("../../tailscale/client.ts");
  const opened = await openContext(world, choice);
  const { apiKey, tailnet, tags } = readTailscale(resolveSettings({}, world.env, opened));
  if (apiKey === undefined) {
    throw new PxrunError("USAGE", "there is no key for Tailscale's API", {
      hint: "set TAILSCALE_API_KEY, or `pxrun config set tailscale.api_key`; " +
        "https://login.tailscale.com/admin/settings/keys makes one",
    });
  }
  return { client: createClient({ fetch: world.fetch, apiKey, tailnet }), tags };
}
