import { parseProperties, type Properties } from "../../http/properties.ts";
import type { Fields } from "../../http/read.ts";

/** A container's configuration. While it is being created only digest and lock are there. */
export interface LxcConfig {
  /** Changes with every change of the configuration. */
  readonly digest: string;
  readonly hostname: string | undefined;
  /** As Proxmox gives it back: with a line end at its end. */
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** Holder of the lock: `create`, `backup`, `migrate` … */
  readonly lock: string | undefined;
  readonly arch: string | undefined;
  readonly ostype: string | undefined;
  readonly unprivileged: boolean;
  readonly onboot: boolean;
  readonly protection: boolean;
  readonly template: boolean;
  readonly cores: number | undefined;
  /** In cores. */
  readonly cpulimit: number | undefined;
  readonly cpuunits: number | undefined;
  /** MiB. */
  readonly memory: number | undefined;
  /** MiB. */
  readonly swap: number | undefined;
  readonly nameserver: string | undefined;
  readonly searchdomain: string | undefined;
  readonly timezone: string | undefined;
  readonly startup: string | undefined;
  readonly hookscript: string | undefined;
  readonly features: Properties;
  /** Its `volume` and `size`, and its options. */
  readonly rootfs: Properties | undefined;
  /** net0, net1 … */
  readonly net: Readonly<Record<string, Properties>>;
  /** mp0, mp1 …, each with its `volume` and `mp`. */
  readonly mp: Readonly<Record<string, Properties>>;
  /** dev0, dev1 …, each with its `path`. */
  readonly dev: Readonly<Record<string, Properties>>;
  /** Every setting in one spelling, also those above: to be compared, never to be shown. */
  readonly contents: ReadonlyMap<string, string>;
}

/** Reads the reply of `/nodes/N/lxc/ID/config`. */
export function readLxcConfig(fields: Fields): LxcConfig {
  const rootfs = fields.optionalText("rootfs");
  return {
    digest: fields.text("digest"),
    hostname: fields.optionalWord("hostname"),
    description: fields.optionalText("description"),
    tags: fields.words("tags"),
    lock: fields.optionalWord("lock"),
    arch: fields.optionalText("arch"),
    ostype: fields.optionalText("ostype"),
    unprivileged: fields.flag("unprivileged"),
    onboot: fields.flag("onboot"),
    protection: fields.flag("protection"),
    template: fields.flag("template"),
    cores: fields.amount("cores"),
    cpulimit: fields.amount("cpulimit"),
    cpuunits: fields.amount("cpuunits"),
    memory: fields.amount("memory"),
    swap: fields.amount("swap"),
    nameserver: fields.optionalText("nameserver"),
    searchdomain: fields.optionalText("searchdomain"),
    timezone: fields.optionalText("timezone"),
    startup: fields.optionalText("startup"),
    hookscript: fields.optionalText("hookscript"),
    features: parseProperties(fields.optionalText("features") ?? ""),
    rootfs: rootfs === undefined ? undefined : parseProperties(rootfs, "volume"),
    net: numbered(fields, "net"),
    mp: numbered(fields, "mp", "volume"),
    dev: numbered(fields, "dev", "path"),
    contents: new Map(
      fields.names().filter((name) => name !== "digest").map((name) =>
        [name, fields.literal(name)] as const
      ),
    ),
  };
}

function numbered(fields: Fields, prefix: string, defaultKey?: string): Record<string, Properties> {
  const names = fields.names().filter((name) => new RegExp(`^${prefix}\\d+$`).test(name));
  return Object.fromEntries(
    names.map((name) => [name, parseProperties(fields.text(name), defaultKey)]),
  );
}
