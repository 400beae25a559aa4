import { bytesOf } from "../os/bytes.ts";
import { binary } from "../os/kernel.ts";
import { makeLink, makeVirtualFile } from "../os/tree.ts";
import type { Machine } from "../distro/machine.ts";
import { addDockerGroup } from "../programs/services/docker.ts";
import { mountZones } from "../programs/services/regional.ts";
import { findPackage, type Package } from "./catalog.ts";

/** True if a package is installed. */
export function isInstalled(machine: Machine, name: string): boolean {
  return machine.packages.has(name);
}

/** The names that the family does not know, index or not. */
export function unknownOf(machine: Machine, names: readonly string[]): string[] {
  return names.filter((name) =>
    !isInstalled(machine, name) && findPackage(machine.distro.family, name) === undefined
  );
}

/** The packages among these that are still to be installed. */
export function wanted(machine: Machine, names: readonly string[]): Package[] {
  return [...new Set(names)].filter((name) => !isInstalled(machine, name)).flatMap((name) => {
    const found = findPackage(machine.distro.family, name);
    return found === undefined ? [] : [found];
  });
}

/** Puts a package's commands and services in place and its line into the database. */
export function unpack(machine: Machine, { name, version, commands, units }: Package): void {
  const { tree } = machine;
  machine.packages.set(name, version);
  if (name === "tzdata") mountZones(machine);
  for (const command of commands) {
    const path = `/usr/bin/${command}`;
    if (tree.find(path) === undefined) tree.write(path, binary(command), 0o755);
  }
  if (units.includes("docker")) addDockerGroup(tree);
  if (name === "nginx") {
    tree.write("/etc/nginx/nginx.conf", bytesOf("worker_processes auto;\nevents {}\nhttp {}\n"));
  }
  for (const unit of units) {
    if (machine.distro.family === "alpine") {
      tree.write(`/etc/init.d/${unit}`, bytesOf("#!/sbin/openrc-run\n"), 0o755);
      continue;
    }
    tree.write(`/usr/lib/systemd/system/${unit}.service`, bytesOf(`[Unit]\nDescription=${unit}\n`));
    // Debian enables and starts what it installs; Alpine leaves that to the user.
    const wants = `/etc/systemd/system/multi-user.target.wants/${unit}.service`;
    tree.mkdirs("/etc/systemd/system/multi-user.target.wants");
    if (tree.find(wants, false) === undefined) {
      tree.insert(wants, makeLink(`/usr/lib/systemd/system/${unit}.service`));
    }
    machine.active.add(unit);
  }
}

/** Puts the package database in place, where the family keeps it. */
export function mountDatabase({ tree, packages, distro }: Machine): void {
  const debian = distro.family === "debian";
  const path = debian ? "/var/lib/dpkg/status" : "/lib/apk/db/installed";
  const line = (name: string, version: string) =>
    debian
      ? `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`
      : `P:${name}\nV:${version}\nA:x86_64\n\n`;
  const text = () => [...packages].map(([name, version]) => line(name, version)).join("");
  tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
  tree.insert(path, makeVirtualFile(() => bytesOf(text())));
}
