import type { Recipe } from "../../recipe/types.ts";

/** A wish of a recipe that pxrun cannot fulfil yet. */
export interface NotBuilt {
  /** The key: `container.devices[0]`. */
  readonly path: string;
  /** What it asks for, as a noun phrase. */
  readonly what: string;
}

/**
 * Lists the valid wishes of a recipe that would have to be dropped. Most need root@pam on the
 * node, by SSH, before the first start.
 */
export function notBuilt(recipe: Recipe): NotBuilt[] {
  const { container, provisioning } = recipe;
  const { features } = container;
  const found: NotBuilt[] = [];
  const add = (there: boolean, path: string, what: string): void => {
    if (there) found.push({ path, what });
  };
  add(
    !container.unprivileged && features.nesting,
    "container.features.nesting",
    "nesting in a privileged container",
  );
  add(features.keyctl, "container.features.keyctl", "the feature keyctl");
  add(features.fuse, "container.features.fuse", "the feature fuse");
  add(features.mknod, "container.features.mknod", "the feature mknod");
  add(features.mount.length > 0, "container.features.mount", "mounting inside the container");
  for (const [index, mount] of container.mount_points.entries()) {
    add("host" in mount, `container.mount_points[${index}]`, "a folder of the node");
  }
  for (const [index, device] of container.devices.entries()) {
    add(true, `container.devices[${index}]`, `the device ${device.path}`);
  }
  add(container.hookscript !== undefined, "container.hookscript", "a hookscript");
  add(provisioning.tailscale !== undefined, "provisioning.tailscale", "tailscale");
  return found;
}
