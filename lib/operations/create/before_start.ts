import type { SshTransport } from "../../ssh/client/transport.ts";
import { KEYS_PAGE } from "../../tailscale/pages.ts";
import type { Event } from "../../run/event.ts";
import type { Gids } from "./guest_groups.ts";
import { makeFolder } from "./host_folders.ts";
import type { MissingFolder } from "../../plan/host_checks.ts";
import { inPlaceEvents } from "../../cluster/guests/where.ts";
import { createStep, type Creating } from "./creating.ts";
import { downloadTemplate } from "./download.ts";
import { make } from "./make.ts";
import { setRootOptions } from "./set_root_options.ts";

/** A container that was never started yet. */
export interface NewContainer {
  readonly vmid: number;
  /** Groups that were given a device and that it does not have yet. */
  readonly groups: Gids;
}

/** Makes what the container needs, the container, and what may only be set while it never ran. */
export async function* beforeStart(creating: Creating): AsyncGenerator<Event, NewContainer> {
  const { cluster, plan } = creating;
  const { node, template } = plan.placement;
  if (template.download) {
    yield* createStep(
      creating,
      "download",
      `download ${template.download.file}`,
      () => downloadTemplate(creating),
    );
  }
  if (plan.makesKey) yield* makeKey(creating);
  for (const folder of plan.folders) yield* makeHostFolder(creating, folder);
  const vmid = yield* createStep(creating, "create", "create container", async () => {
    const made = await make(creating);
    return { value: made.vmid, detail: `${made.vmid} on ${node}`, warnings: made.warnings };
  });
  if (plan.rootOptions.length === 0) return { vmid, groups: new Map() };
  const names = plan.rootOptions.map(({ name }) => name).join(", ");
  const setting = createStep(creating, "options", `set ${names}`, async () => {
    return { value: await setRootOptions(creating, vmid) };
  });
  return { vmid, groups: yield* inPlaceEvents(cluster, { node, vmid }, setting) };
}

function makeKey(creating: Creating): AsyncGenerator<Event, void> {
  const { key, undo, signal } = creating;
  return createStep(creating, "tailscale-key", "make a key for the tailnet", async () => {
    signal?.throwIfAborted();
    const revoke = (patience: AbortSignal): Promise<void> => key.revoke(patience);
    undo.add("revoke the key for the tailnet", revoke, { temporary: true, byHand: KEYS_PAGE });
    await key.make();
    return { value: undefined };
  });
}

function makeHostFolder(creating: Creating, folder: MissingFolder): AsyncGenerator<Event, void> {
  const { cluster, plan, undo, signal } = creating;
  return createStep(creating, "folder", `make ${folder.path}`, async () => {
    const onNode = (until?: AbortSignal): Promise<SshTransport> =>
      cluster.ssh(plan.placement.node, until);
    await makeFolder(onNode, folder, plan.recipe.container.unprivileged, undo, signal);
    return { value: undefined };
  });
}
