import { HOST_ZONE } from "../provision/build.ts";
import type { Recipe } from "../recipe/schema/types.ts";

/** Device that Tailscale makes its interface of. */
export const TUN = "/dev/net/tun";

/** A recipe together with the device that Tailscale needs, where it wants Tailscale. */
function withTun(recipe: Recipe): Recipe {
  const { container, provisioning } = recipe;
  const there = container.devices.some(({ path }) => path === TUN);
  if (provisioning.tailscale === undefined || there) return recipe;
  const devices = [...container.devices, { path: TUN, deny_write: false }];
  return { ...recipe, container: { ...container, devices } };
}

/** A recipe together with what Docker needs of the container itself, where it wants Docker. */
function withDocker(recipe: Recipe): Recipe {
  if (recipe.provisioning.docker === false) return recipe;
  const { container } = recipe;
  // A privileged container has the keyring of the node anyway.
  const keyctl = container.features.keyctl || container.unprivileged;
  return {
    ...recipe,
    container: { ...container, features: { ...container.features, nesting: true, keyctl } },
  };
}

/** A recipe together with what its wishes need of the container itself. */
export function withNeeds(recipe: Recipe): Recipe {
  return withTun(withDocker(recipe));
}

/** True if a recipe asks for anything inside the container. */
export function hasProvisioning({ provisioning }: Recipe): boolean {
  const { packages, users, ssh_keys, files, scripts, locale, timezone = HOST_ZONE } = provisioning;
  const lists = [packages, users, ssh_keys, files, scripts];
  return lists.some((list) => list.length > 0) || locale !== undefined || timezone !== HOST_ZONE ||
    provisioning.docker !== false || provisioning.tailscale !== undefined;
}
