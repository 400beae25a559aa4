import type { Found } from "./find.ts";

/** Name or VMID of a container. */
export type Named = Pick<Found, "vmid" | "hostname">;

/**
 * The word that a command line finds each container by: its hostname, or its vmid where the
 * hostname is absent, all digits or not unique.
 *
 * @param all Every container that there is, these included.
 */
export function handles(these: readonly Named[], all: readonly Named[]): string[] {
  const count = new Map<string, number>();
  for (const { hostname = "" } of all) count.set(hostname, (count.get(hostname) ?? 0) + 1);
  return these.map(({ vmid, hostname = "" }) =>
    /^\d*$/.test(hostname) || (count.get(hostname) ?? 0) > 1 ? String(vmid) : hostname
  );
}
