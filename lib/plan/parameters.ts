import { formatProperties, formatTags } from "../proxmox/http/properties.ts";
import type { LxcCreate } from "../proxmox/api/nodes/lxc.ts";
import type { MountPoint, NetworkInterface, Recipe } from "../recipe/schema/types.ts";
import type { Placement } from "./placement.ts";
import { HOST_ZONE } from "../provision/build.ts";
import { tokenFeatures } from "./root_options.ts";

function net(wish: NetworkInterface, bridge: string, index: number): string {
  return formatProperties({
    name: wish.name ?? `eth${index}`,
    bridge,
    hwaddr: wish.mac,
    ip: wish.ip,
    gw: wish.gateway,
    ip6: wish.ip6,
    gw6: wish.gateway6,
    tag: wish.vlan,
    mtu: wish.mtu,
    rate: wish.rate,
    firewall: wish.firewall,
  });
}

/** The volume mount points; binds may not be set by a token. */
function volume(mount: MountPoint): string | undefined {
  if (!("volume" in mount)) return undefined;
  const options = formatProperties({
    mp: mount.container,
    backup: mount.backup || undefined,
    ro: mount.read_only || undefined,
  });
  return `${mount.volume}:${mount.size},${options}`;
}

/**
 * A recipe as the parameters of its create call. `unprivileged` is always sent, since its default
 * differs between versions; `protection` is not, since it would keep root's options out.
 */
export function createParameters(
  recipe: Recipe,
  placement: Placement,
  vmid: number,
): LxcCreate {
  const { container, provisioning } = recipe;
  const { resources } = container;
  return defined({
    vmid,
    ostemplate: placement.template.volid,
    hostname: container.hostname,
    unprivileged: container.unprivileged,
    cores: resources.cores,
    memory: resources.memory,
    swap: resources.swap,
    rootfs: `${placement.storage}:${resources.storage}`,
    cpulimit: resources.cpulimit,
    nameserver: container.nameserver,
    searchdomain: container.searchdomain,
    features: tokenFeatures(recipe),
    tags: container.tags.length > 0 ? formatTags(container.tags) : undefined,
    description: container.description,
    timezone: provisioning.timezone === HOST_ZONE ? HOST_ZONE : undefined,
    startup: container.startup,
    pool: container.pool,
    onboot: container.start_on_boot || undefined,
    ...Object.fromEntries(
      container.network.map((wish, i) => [`net${i}`, net(wish, placement.bridges[i] ?? "", i)]),
    ),
    ...Object.fromEntries(container.mount_points.map((mount, i) => [`mp${i}`, volume(mount)])),
  });
}

/** Without the properties that are undefined, which are not sent either. */
function defined<T extends object>(values: T): T {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(values, name);
  }
  return values;
}
