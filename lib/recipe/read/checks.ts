import type { Path } from "../../core/problem.ts";
import type { Draft, Finding } from "./draft.ts";
import { contains, isLinkLocal, parseAddress, parseCidr } from "../schema/fields/address.ts";
import { flag } from "../schema/fields/numbers.ts";
import { tidyPath } from "../schema/fields/paths.ts";
import { valueAt } from "./tree.ts";

/** Problems between values that are right by themselves. */
export function crossChecks(draft: Draft): Finding[] {
  return [
    ...networks(draft),
    ...mountPoints(draft),
    ...devices(draft),
    ...files(draft),
    ...scripts(draft),
    ...sameTwice(draft, USERS, "username"),
    ...sameTwice(draft, USERS, "uid"),
    ...rootUser(draft),
    ...everyone(draft),
  ];
}

const NETWORK: Path = ["container", "network"];
const MOUNTS: Path = ["container", "mount_points"];
const DEVICES: Path = ["container", "devices"];
const FUSE: Path = ["container", "features", "fuse"];
const USERS: Path = ["provisioning", "users"];
const FILES: Path = ["provisioning", "files"];
const SCRIPTS: Path = ["provisioning", "scripts"];

function networks(draft: Draft): Finding[] {
  return [
    ...count(draft, NETWORK, 1, 32),
    ...draft.items(NETWORK).flatMap((path) => [
      ...gateway(draft, path, "ip", "gateway"),
      ...gateway(draft, path, "ip6", "gateway6"),
    ]),
    ...sameTwice(draft, NETWORK, "name", (name, index) => name ?? `eth${index}`),
    ...sameTwice(draft, NETWORK, "mac"),
    ...["ip", "ip6"].flatMap((key) =>
      sameTwice(draft, NETWORK, key, (ip) => ip?.includes("/") ? ip : undefined)
    ),
  ];
}

function gateway(draft: Draft, path: Path, ipKey: string, gatewayKey: string): Finding[] {
  const here = [...path, gatewayKey];
  const ip = [...path, ipKey];
  if (!draft.has(here)) return [];
  const address = draft.text(ip);
  if (address === undefined && draft.has(ip)) return [];
  const word = address ?? (ipKey === "ip" ? "dhcp" : undefined);
  if (word === undefined || /^(dhcp|auto|manual)$/.test(word)) {
    const why = word === undefined ? `there is no ${ipKey}` : `${ipKey} is ${word}`;
    return [{ path: here, says: `has no effect when ${why}; give an address, or leave it out` }];
  }
  const network = parseCidr(word);
  const router = parseAddress(draft.text(here) ?? "");
  if (network === undefined || router === undefined) return [];
  if (network.address.kind() !== router.kind()) return [];
  if (`${network.address}` === `${router}`) {
    return [{
      path: here,
      says: `is ${draft.show(here)}; it must not be the container's own address`,
    }];
  }
  // A single address has no network to lie in; routers of hosters are reached that way.
  const single = network.prefix === (router.kind() === "ipv4" ? 32 : 128);
  if (single || isLinkLocal(router) || contains(network, router)) return [];
  return [{
    path: here,
    says: `is ${draft.show(here)}; it must be inside the network of ${ipKey}, ${draft.show(ip)}`,
  }];
}

function mountPoints(draft: Draft): Finding[] {
  return [
    ...count(draft, MOUNTS, 0, 256),
    ...draft.items(MOUNTS).flatMap((path) => mountPoint(draft, path)),
    ...sameTwice(draft, MOUNTS, "container"),
  ];
}

function mountPoint(draft: Draft, path: Path): Finding[] {
  const has = (key: string): boolean => draft.has([...path, key]);
  if (has("host") && has("volume")) {
    return [{ path, says: "has both host and volume; it is a directory of the node or a volume" }];
  }
  if (has("host")) {
    return ["size", "backup"].filter(has).map((key) => ({
      path: [...path, key],
      atKey: true,
      says: "belongs to a volume, and this mount point is a directory of the node (host)",
    }));
  }
  if (!has("volume")) {
    return [{ path, says: "has neither host (a directory of the node) nor volume (a storage)" }];
  }
  return has("size") ? [] : [{ path, says: "has no size, such as size: 8G" }];
}

function devices(draft: Draft): Finding[] {
  return [
    ...count(draft, DEVICES, 0, 256),
    ...sameTwice(draft, DEVICES, "path"),
    ...draft.items(DEVICES).flatMap((path) => {
      const findings: Finding[] = [];
      if (draft.has([...path, "gid"]) && draft.has([...path, "group"])) {
        findings.push({ path, says: "has both gid and group; keep one" });
      }
      // Proxmox makes the device itself then, and the start fails on the second one.
      const fuse = flag().read(draft.text(FUSE) ?? "") === true;
      if (fuse && draft.text([...path, "path"]) === "/dev/fuse") {
        findings.push({
          path: [...path, "path"],
          says: "is /dev/fuse, which features.fuse brings by itself; leave it out",
        });
      }
      return findings;
    }),
  ];
}

function files(draft: Draft): Finding[] {
  return [
    ...draft.items(FILES).flatMap((path) => contentOrSource(draft, path)),
    ...sameTwice(draft, FILES, "path"),
  ];
}

function scripts(draft: Draft): Finding[] {
  return [
    ...draft.items(SCRIPTS).flatMap((path) => contentOrSource(draft, path)),
    ...sameTwice(draft, SCRIPTS, "name"),
  ];
}

function contentOrSource(draft: Draft, path: Path): Finding[] {
  const content = draft.has([...path, "content"]);
  const source = draft.has([...path, "source"]);
  if (content && source) return [{ path, says: "has both content and source; keep one" }];
  return content || source ? [] : [{ path, says: "has neither content nor source" }];
}

function rootUser(draft: Draft): Finding[] {
  return draft.items(USERS)
    .map((path) => [...path, "username"])
    .filter((path) => draft.text(path) === "root")
    .map((path) => ({
      path,
      says: "is root, who is there already; put the keys in provisioning.ssh_keys",
    }));
}

/** To sudo, ALL is every user. */
function everyone(draft: Draft): Finding[] {
  return draft.items(USERS)
    .filter((path) => {
      const groups = valueAt(draft.tree, [...path, "groups"]);
      return draft.text([...path, "username"]) === "ALL" && Array.isArray(groups) &&
        groups.some((group) => group === "sudo" || group === "wheel");
    })
    .map((path) => ({
      path: [...path, "username"],
      says: "is ALL, which sudo takes for every user; choose another name",
    }));
}

/**
 * Every item whose value of a key an earlier item has too.
 *
 * @param read What counts as an item's value; undefined for one that may stand twice.
 */
function sameTwice(
  draft: Draft,
  list: Path,
  key: string,
  read: (text: string | undefined, index: number) => string | undefined = (text) => text,
): Finding[] {
  const first = new Map<string, Path>();
  const findings: Finding[] = [];
  for (const item of draft.items(list)) {
    const path = [...item, key];
    const text = read(draft.text(path), Number(item.at(-1)));
    if (text === undefined) continue;
    const value = text.startsWith("/") ? tidyPath(text) : text.toLowerCase();
    const earlier = first.get(value);
    if (earlier === undefined) first.set(value, path);
    else {
      const shown = draft.has(path) ? draft.show(path) : text;
      findings.push({ path, says: `is ${shown}; it must differ from ${draft.name(earlier)}` });
    }
  }
  return findings;
}

function count(draft: Draft, path: Path, min: number, max: number): Finding[] {
  const list = valueAt(draft.tree, path);
  if (!Array.isArray(list)) return [];
  if (list.length < min) {
    return [{ path, says: "is an empty list; leave it out for one interface with DHCP" }];
  }
  return list.length <= max
    ? []
    : [{ path, says: `has ${list.length} items; Proxmox takes at most ${max}` }];
}
