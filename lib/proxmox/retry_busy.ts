import { limits } from "../core/limits.ts";
import { retry } from "../core/retry.ts";
import type { Clock } from "../core/platform.ts";
import { Changed, Locked, ProxmoxError, TaskFailed, Unreachable } from "./http/errors.ts";

/**
 * True for a refusal because another client works on the container's configuration file at that
 * moment. A lock with a name lasts: that is an error.
 */
export function isBusy(error: unknown): boolean {
  const locked = lockOf(error);
  return locked !== undefined && locked.lock === undefined;
}

/** The refusal because of a lock, whether it has a name or not; undefined for any other error. */
export function lockOf(error: unknown): Locked | undefined {
  const reason = error instanceof TaskFailed ? error.reason : error;
  return reason instanceof Locked ? reason : undefined;
}

/** True for a 200 that is no reply of the API: a proxy cut it off, or put another one in its place. */
export function isNoReply(error: unknown): boolean {
  return error instanceof ProxmoxError && error.status === 200;
}

/** True for what may well go away by itself, where it does no harm to ask again. */
export function passes(error: unknown): boolean {
  return isBusy(error) || error instanceof Changed || isNoReply(error) ||
    error instanceof Unreachable && error.transient;
}

/**
 * Does something again that was refused for a reason that passes by itself. What is done looks
 * again each time: the container may be another one by then.
 *
 * @param again True for such a reason.
 */
export async function retryBusy<T>(
  clock: Clock,
  act: () => Promise<T>,
  signal?: AbortSignal,
  again: (error: unknown) => boolean = isBusy,
): Promise<T> {
  return await retry(act, {
    clock,
    signal,
    attempts: limits.api.busyTries,
    isRetriable: again,
    pause: () => limits.api.busyPause,
  });
}
