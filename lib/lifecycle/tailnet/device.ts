import type { Recipe } from "../../recipe/types.ts";

/** What Tailscale makes its interface of. */
export const TUN = "/dev/net/tun";

/** A recipe together with the device that Tailscale needs, where it wants Tailscale. */
export function withTun(recipe: Recipe): Recipe {
  const { container, provisioning } = recipe;
  const there = container.devices.some(({ path }) => path === TUN);
  if (provisioning.tailscale === undefined || there) return recipe;
  const devices = [...container.devices, { path: TUN, deny_write: false }];
  return { ...recipe, container: { ...container, devices } };
}
