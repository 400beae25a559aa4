import type { RootOption } from "../actions/set_root_options.ts";
import { formatProperties } from "../proxmox/http/properties.ts";
import type { Device, Features, Recipe } from "../recipe/schema/types.ts";

/** Options of a recipe that only root@pam may set. Pure. */
export function rootOptions({ container }: Recipe): RootOption[] {
  const { features, unprivileged, mount_points, devices, hookscript } = container;
  const found: RootOption[] = [];
  // Without a flag beyond nesting, the create call itself may set them.
  if (!unprivileged && features.nesting || needsRoot(features)) {
    const value = featureList(features);
    found.push({ name: "features", value, path: "container.features" });
  }
  for (const [index, mount] of mount_points.entries()) {
    if (!("host" in mount)) continue;
    const options = formatProperties({ mp: mount.container, ro: mount.read_only || undefined });
    found.push({
      name: `mp${index}`,
      value: `${mount.host},${options}`,
      path: `container.mount_points[${index}]`,
    });
  }
  for (const [index, device] of devices.entries()) {
    found.push({
      name: `dev${index}`,
      value: deviceValue(device),
      path: `container.devices[${index}]`,
      ...(device.gid === undefined && device.group !== undefined && { group: device.group }),
    });
  }
  if (hookscript !== undefined) {
    found.push({ name: "hookscript", value: hookscript, path: "container.hookscript" });
  }
  return found;
}

/** The features that a token may set in the create call, if any. */
export function tokenFeatures({ container }: Recipe): string | undefined {
  return container.unprivileged && container.features.nesting ? "nesting=1" : undefined;
}

function needsRoot({ keyctl, fuse, mknod, mount }: Features): boolean {
  return keyctl || fuse || mknod || mount.length > 0;
}

function featureList({ nesting, keyctl, fuse, mknod, mount }: Features): string {
  return formatProperties({
    nesting: nesting || undefined,
    keyctl: keyctl || undefined,
    fuse: fuse || undefined,
    mknod: mknod || undefined,
    mount: mount.length > 0 ? mount.join(";") : undefined,
  });
}

function deviceValue(device: Device): string {
  const options = formatProperties({
    mode: device.mode,
    uid: device.uid,
    gid: device.gid,
    "deny-write": device.deny_write || undefined,
  });
  return options === "" ? device.path : `${device.path},${options}`;
}
