import type { LxcUpdate } from "../nodes/lxc.ts";
import { readUpid } from "../../http/read.ts";
import type { Rest } from "../../http/rest.ts";
import { path } from "../../http/wire.ts";

/** Changes a container's configuration, at once. */
export async function updateConfig(
  rest: Rest,
  node: string,
  vmid: number,
  params: LxcUpdate,
): Promise<void> {
  await rest.put(path`/nodes/${node}/lxc/${vmid}/config`, { ...params });
}

/** Options for destroying. */
export interface DestroyOptions {
  /** Stops it first if it runs. */
  readonly force?: boolean;
  /** Removes it from HA, replication and backup jobs too. */
  readonly purge?: boolean;
}

/** Starts to destroy a container. Returns the UPID of the task. */
export async function destroy(
  rest: Rest,
  node: string,
  vmid: number,
  options: DestroyOptions = {},
): Promise<string> {
  const what = path`/nodes/${node}/lxc/${vmid}`;
  return readUpid(await rest.delete(what, { ...options }), what);
}

/** Starts to start a container. Returns the UPID of the task. */
export function start(rest: Rest, node: string, vmid: number): Promise<string> {
  return power(rest, path`/nodes/${node}/lxc/${vmid}/status/start`);
}

/** Starts to stop a container at once, without asking it. Returns the UPID of the task. */
export function stop(rest: Rest, node: string, vmid: number): Promise<string> {
  return power(rest, path`/nodes/${node}/lxc/${vmid}/status/stop`);
}

/** Options for a shutdown. */
export interface ShutdownOptions {
  /** Seconds; 60 when absent. */
  readonly timeout?: number;
  /** Stops it when it has not shut down in time. */
  readonly forceStop?: boolean;
}

/** Starts to shut a container down. Returns the UPID of the task. */
export function shutdown(
  rest: Rest,
  node: string,
  vmid: number,
  options: ShutdownOptions = {},
): Promise<string> {
  return power(rest, path`/nodes/${node}/lxc/${vmid}/status/shutdown`, options);
}

/** Starts to reboot a container. Returns the UPID of the task. */
export function reboot(
  rest: Rest,
  node: string,
  vmid: number,
  options: Pick<ShutdownOptions, "timeout"> = {},
): Promise<string> {
  return power(rest, path`/nodes/${node}/lxc/${vmid}/status/reboot`, options);
}

async function power(rest: Rest, what: string, options: ShutdownOptions = {}): Promise<string> {
  return readUpid(await rest.post(what, { ...options }), what);
}
