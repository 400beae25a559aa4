import { TaskFailed } from "../proxmox/http/errors.ts";
import { startGuest } from "../cluster/changes/same_guest.ts";
import { inPlace } from "../cluster/guests/where.ts";
import { cancel, carriedOut, finish } from "../proxmox/task.ts";
import { type ActionContext, type ClusterModule, targetOf } from "./context.ts";

/** A container is started. */
export interface StartContainer {
  readonly kind: "start-container";
  readonly id: "start";
  readonly node: string;
  readonly vmid: number;
}

/** Its undo only ends the task: a start that still runs holds the container's lock. */
export const startContainer: ClusterModule<StartContainer> = {
  describe: ({ node, vmid }) => ({
    title: "start",
    by: "API",
    call: `POST /nodes/${node}/lxc/${vmid}/status/start`,
  }),
  async run(_, context) {
    const { cluster } = context;
    const target = targetOf(context);
    const warnings = await inPlace(
      cluster,
      target,
      () => startGuest(cluster, target, (upid, sure) => startedBy(context, upid, sure)),
    );
    return { warnings };
  },
};

async function startedBy(
  { cluster, undo, signal }: ActionContext,
  upid: string,
  sure: boolean,
): Promise<readonly string[]> {
  const started = undo.add("stop the start", async (patience) => {
    await (sure ? cancel : carriedOut)(cluster, upid, patience);
  });
  const warnings = await finish(cluster, upid, signal).catch((error) => {
    if (error instanceof TaskFailed) started();
    throw error;
  });
  started();
  return warnings;
}
