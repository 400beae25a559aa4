import { bytesOf } from "../os/bytes.ts";
import { binary } from "../os/system.ts";
import { makeLink, makeVirtualFile } from "../os/tree.ts";
import type { Machine } from "../distro/machine.ts";
import { addDockerGroup } from "../programs/docker.ts";
import { addRegional } from "../programs/regional.ts";
import { findPackage, type Package } from "./catalog.ts";

/** Whether a package is installed. */
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
  addRegional(machine, name);
  for (const command of commands) {
    const path = `/usr/bin/${command}`;
    if (tree.find(path) === undefined) tree.write(path, binary(command), 0o755);
  }
  if (units.includes("docker")) addDockerGroup(tree);
  if (name === "nginx") {
    tree.write("/etc/nginx/nginx.conf", bytesOf("worker_processes auto;\nevents {}\nhttp {}\n"));
  }
  for (const unit of units) {
    if (!machine.distro.systemd) {
      tree.write(`/etc/init.d/${unit}`, bytesOf("#!/sbin/openrc-run\n"), 0o755);
      continue;
    }
    tree.write(`/usr/lib/systemd/system/${unit}.service`, bytesOf(`[Unit]\nDescription=${unit}\n`));
    // Debian enables and starts what it installs; the others leave that to the user.
    if (machine.distro.family !== "debian") continue;
    const wants = `/etc/systemd/system/multi-user.target.wants/${unit}.service`;
    tree.mkdirs("/etc/systemd/system/multi-user.target.wants");
    if (tree.find(wants, false) === undefined) {
      tree.insert(wants, makeLink(`/usr/lib/systemd/system/${unit}.service`));
    }
    machine.active.add(unit);
  }
}

/** Removes a package; says whether it was there. */
export function removePackage(machine: Machine, name: string): boolean {
  if (!machine.packages.delete(name)) return false;
  const found = findPackage(machine.distro.family, name);
  for (const command of found?.commands ?? []) {
    const path = `/usr/bin/${command}`;
    if (machine.tree.find(path) !== undefined) machine.tree.remove(path, "file");
  }
  for (const unit of found?.units ?? []) machine.active.delete(unit);
  return true;
}

/** Puts the package database in place, where the family keeps it. */
export function mountDatabase(machine: Machine): void {
  const { tree, packages } = machine;
  const render = (line: (name: string, version: string) => string) =>
    makeVirtualFile(() =>
      bytesOf([...packages].map(([name, version]) => line(name, version)).join(""))
    );
  const [path, file] = {
    debian: [
      "/var/lib/dpkg/status",
      render((name, version) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`
      ),
    ],
    alpine: [
      "/lib/apk/db/installed",
      render((name, version) => `P:${name}\nV:${version}\nA:x86_64\n\n`),
    ],
    fedora: [
      "/usr/lib/sysimage/rpm/installed",
      render((name, version) => `${name}-${version}.x86_64\n`),
    ],
    arch: ["/var/lib/pacman/local/installed", render((name, version) => `${name} ${version}\n`)],
    suse: [
      "/usr/lib/sysimage/rpm/installed",
      render((name, version) => `${name}-${version}.x86_64\n`),
    ],
  }[machine.distro.family] as [string, ReturnType<typeof makeVirtualFile>];
  tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
  tree.insert(path, file);
}
