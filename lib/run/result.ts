import type { Remedy } from "../core/remedy.ts";

/**
 * A container that was made.
 *
 * @category Changes
 */
export interface Created {
  readonly vmid: number;
  readonly node: string;
  readonly hostname: string;
  readonly status: "running" | "stopped";
  /** Without their prefix; the one to use first. */
  readonly addresses: readonly string[];
  /** To copy: a shell in it, `pxrun shell web-1`. */
  readonly next: string;
  /**
   * To copy: a shell by its own SSH server; undefined where no key was installed, or no server is
   * known to listen.
   */
  readonly ssh?: string;
  /** To copy: a shell through the node; undefined without a route by SSH. */
  readonly console?: string;
  /** To copy: what starts it, through its node; only of one that was not started. */
  readonly start?: string;
  /** Name and addresses in the tailnet that it has joined. */
  readonly tailscale?: TailscaleNode;
  /** Step → what it had to say: which version, from where. Only of those that had. */
  readonly notes?: Notes;
  /** Step → milliseconds, and `total`. */
  readonly durations: Readonly<Record<string, number>>;
}

/** Step → what it had to say: which version, from where. */
export type Notes = Readonly<Record<string, readonly string[]>>;

/**
 * A container in a tailnet.
 *
 * @category Changes
 */
export interface TailscaleNode {
  /** In full: `web-1.example.ts.net`. */
  readonly name: string;
  readonly addresses: readonly string[];
}

/**
 * A container that was brought to what its recipe wants inside.
 *
 * @category Changes
 */
export interface Provisioned {
  readonly vmid: number;
  readonly node: string;
  readonly hostname?: string;
  /** The ids of the steps that changed something. */
  readonly changed: readonly string[];
  /** The ids of those that had nothing to do. */
  readonly unchanged: readonly string[];
  /** The ids of those that failed and may. */
  readonly failed: readonly string[];
  /** Step → what it had to say: which version, from where. Only of those that had. */
  readonly notes?: Notes;
  /** Name and addresses in the tailnet of its recipe. */
  readonly tailscale?: TailscaleNode;
  /** Milliseconds. */
  readonly ms: number;
}

/**
 * A task that ended well.
 *
 * @category Changes
 */
export interface TaskEnd {
  readonly upid: string;
  readonly node: string;
  /** `vzcreate`, `vzstart` … */
  readonly type: string;
  /** Subject of the task: a vmid, a template; may be empty. */
  readonly id: string;
  /** Warnings of its log. */
  readonly warnings: readonly string[];
  /** The state of its container and how one goes on; absent where nothing is left to do. */
  readonly next?: { readonly message: string; readonly remedies: readonly Remedy[] };
}

/**
 * A container that was removed.
 *
 * @category Changes
 */
export interface Destroyed {
  readonly vmid: number;
  readonly node: string;
  readonly hostname?: string;
  /** The name of the node of a tailnet that was removed with it. */
  readonly tailscale?: string;
  /** Milliseconds. */
  readonly ms: number;
}
