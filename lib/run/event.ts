import type { Remedy } from "../core/remedy.ts";
import type { Created, Destroyed, Provisioned, TaskEnd } from "./result.ts";

/**
 * Events while a plan is carried out, as plain data. `at` is in
 * milliseconds since the epoch, `ms` a duration.
 *
 * @category Changes
 */
export type Event =
  | {
    readonly type: "step-started";
    readonly step: string;
    readonly title: string;
    readonly at: number;
  }
  | {
    readonly type: "step-done";
    readonly step: string;
    readonly title: string;
    readonly at: number;
    readonly ms: number;
    /** True if anything was changed. */
    readonly changed: boolean;
    /** Result: an address, a VMID. */
    readonly detail?: string;
    /** Detail of a step inside: the version, its source. */
    readonly notes?: readonly string[];
  }
  | {
    readonly type: "step-failed";
    readonly step: string;
    readonly title: string;
    readonly at: number;
    readonly ms: number;
    readonly message: string;
    /** The end of the log of the task that failed, where that is the reason. */
    readonly log?: readonly string[];
    /** The run continues anyway. */
    readonly ignored: boolean;
  }
  | { readonly type: "output"; readonly step: string; readonly text: string; readonly at: number }
  | {
    readonly type: "warning";
    readonly message: string;
    /** Commands of pxrun that may help. */
    readonly remedies?: readonly Remedy[];
    readonly at: number;
  }
  | { readonly type: "created"; readonly result: Created; readonly at: number }
  | { readonly type: "provisioned"; readonly result: Provisioned; readonly at: number }
  | { readonly type: "destroyed"; readonly result: Destroyed; readonly at: number }
  | { readonly type: "ended"; readonly result: TaskEnd; readonly at: number };
