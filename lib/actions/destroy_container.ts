import {
  asChanged,
  birthOf,
  destroyGuest,
  Gone,
  type Meant,
  OtherGuest,
  updateGuest,
} from "../cluster/changes/same_guest.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { messageOf, PxrunError } from "../core/errors.ts";
import type { LxcConfig } from "../proxmox/api/nodes/lxc.ts";
import { TaskFailed } from "../proxmox/http/errors.ts";
import type { Undo } from "../run/undo.ts";
import { type ClusterModule, targetOf } from "./context.ts";

/** The protection of a container is lifted. */
export interface UnprotectContainer {
  readonly kind: "unprotect-container";
  readonly id: "unprotect";
  readonly node: string;
  readonly vmid: number;
}

/** A container is destroyed with its disks. */
export interface DestroyContainer {
  readonly kind: "destroy-container";
  readonly id: "destroy";
  readonly node: string;
  readonly vmid: number;
  readonly template: boolean;
  /** True if it is stopped first. */
  readonly force: boolean;
  /** True if it is removed from backup jobs, replication and high availability, too. */
  readonly purge: boolean;
}

/** Lifting the protection changes the container, which `is` then allows for. */
export const unprotectContainer: ClusterModule<UnprotectContainer> = {
  describe: ({ node, vmid }) => ({
    title: "lift the protection",
    by: "API",
    call: `PUT /nodes/${node}/lxc/${vmid}/config`,
    parameters: ["protection=0"],
  }),
  async run(action, context) {
    const { cluster, guest, undo } = context;
    let before: LxcConfig | undefined;
    try {
      await updateGuest(cluster, targetOf(context), (config) => {
        if (before === undefined && config.protection) {
          undo.add(...protectAgain(cluster, action, config));
        }
        const first = before ??= config;
        // Also when the reply is lost: then it is read again, with or without the change.
        if (guest) guest.is = asChanged(first, "protection");
        return config.protection ? { protection: false } : undefined;
      });
    } catch (error) {
      // The next action reports it.
      if (!(error instanceof Gone)) throw error;
    }
    return { done: "lifted the protection" };
  },
};

/** Undo that restores the protection. */
function protectAgain(
  cluster: Cluster,
  { node, vmid }: UnprotectContainer,
  before: LxcConfig,
): Parameters<Undo["add"]> {
  // Also of one that another client has changed since: that is why it could not be destroyed.
  const is: Meant = (config) => birthOf(config) === birthOf(before);
  return [`protect container ${vmid} again`, async (signal) => {
    await updateGuest(cluster, { vmid, node, is, signal }, (config) => {
      return config.protection ? undefined : { protection: true };
    }).catch((error) => {
      if (!(error instanceof Gone || error instanceof OtherGuest)) throw error;
    });
  }, { byHand: `on ${node}: pct set ${vmid} --protection 1` }];
}

export const destroyContainer: ClusterModule<DestroyContainer> = {
  describe: ({ node, vmid, template, force, purge }) => {
    const what = template ? `template ${vmid}` : `container ${vmid}`;
    const flags = [...force ? ["force=1"] : [], ...purge ? ["purge=1"] : []];
    return {
      title: force ? `stop and destroy ${what}` : `destroy ${what}`,
      by: "API",
      call: `DELETE /nodes/${node}/lxc/${vmid}`,
      ...(flags.length > 0 && { parameters: flags }),
    };
  },
  async run({ vmid, template, force, purge }, context) {
    const { cluster, signal, undo } = context;
    const how = { force, purge };
    const destroyed = await destroyGuest(cluster, targetOf(context), how, async (task) => {
      return await task.wait({ signal }).catch((error) => {
        if (error instanceof TaskFailed) throw error;
        // A destroy cannot be undone half-way.
        undo.forget();
        throw new DestroyContinues(vmid, task.upid, signal?.aborted ? undefined : error);
      });
    });
    undo.forget();
    const done = `destroyed ${template ? "template" : "container"} ${vmid}`;
    return destroyed === undefined
      ? { warnings: [`container ${vmid} was destroyed already`] }
      : { done, warnings: destroyed.value };
  },
};

/** The task of a destroy runs on, and is left to its node. */
export class DestroyContinues extends PxrunError {
  override readonly name = "DestroyContinues";

  /** @param cause Reason why its end was not seen; absent: the user did not wait. */
  constructor(vmid: number, upid: string, cause?: unknown) {
    const code = cause === undefined
      ? "INTERRUPTED"
      : cause instanceof PxrunError
      ? cause.code
      : "FAILED";
    const why = cause === undefined ? "interrupted" : messageOf(cause);
    super(code, `${why}: the destroy of ${vmid} goes on as ${upid}`, {
      remedies: [{ kind: "wait-task", upid }],
      cause,
    });
  }
}
