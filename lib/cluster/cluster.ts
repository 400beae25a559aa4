import { PxrunError } from "../core/errors.ts";
import type { TailscaleSettings } from "../config/settings.ts";
import type { Platform } from "../core/platform.ts";
import type { Rest } from "../proxmox/http/rest.ts";
import type { SshTransport } from "../ssh/client/transport.ts";

/**
 * Route to a node by SSH.
 *
 * @category Clusters
 */
export interface NodeRoute {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Source of its address. */
  readonly from?: string | undefined;
  /** Options for the system's `ssh` to log in as pxrun does. */
  readonly flags?: readonly string[] | undefined;
}

/**
 * Refuses a change by a login that only reads, before anything is asked.
 *
 * @throws {PxrunError} PERMISSION_DENIED.
 */
export function assertWrites({ readsOnly }: Cluster, what: string): void {
  if (readsOnly) throw onlyReads(`cannot ${what}`);
}

/** The error of a change by a login that only reads. */
export function onlyReads(failed: string): PxrunError {
  return new PxrunError("PERMISSION_DENIED", `${failed}: without a token this login only reads`, {
    hint: "leave out --no-temp-token: a token is then created for the run and deleted at its end",
  });
}

/**
 * One cluster, connected: its API, and its nodes by SSH on demand.
 *
 * @category Clusters
 */
export interface Cluster extends AsyncDisposable {
  readonly rest: Rest;
  /** The machine that this side runs on. */
  readonly platform: Platform;
  /** `user@realm!name` of a token, or `user@realm`: whose tasks are ours. */
  readonly tokenId: string;
  /** True for a login without a token of its own, which only reads. */
  readonly readsOnly: boolean;
  /** The tailnet that its containers may join. */
  readonly tailscale: TailscaleSettings;
  /** Every vmid that this process has taken for a create: none is offered twice. */
  readonly offered: Set<number>;
  /** The UPID of every task that this process has started: one whose reply was lost is none of them. */
  readonly started: Set<string>;
  /**
   * Which address a node has by SSH, without connecting to it.
   *
   * @throws {PxrunError} where no address is known.
   */
  route(node: string): Promise<NodeRoute>;
  /** The one connection to a node, opened when first asked for. The signal ends the waiting for it. */
  ssh(node: string, signal?: AbortSignal): Promise<SshTransport>;
  /** Begins to open that connection while something else still goes on. Asks nobody anything. */
  prepareSsh(node: string): void;
  /** Ends every connection. */
  close(): Promise<void>;
}
