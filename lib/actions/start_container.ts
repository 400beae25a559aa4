import { startGuest } from "../cluster/changes/same_guest.ts";
import { inPlace } from "../cluster/guests/where.ts";
import { type ClusterModule, targetOf, waitOrUndo } from "./context.ts";

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
      () => startGuest(cluster, target, (task) => waitOrUndo(task, context, "stop the start")),
    );
    return { done: "started", warnings };
  },
};
