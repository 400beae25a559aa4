import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";
import { isInstalled, removePackage, unknownOf, unpack, wanted } from "./store.ts";

/** pacman for one container. */
export function pacmanPrograms(machine: Machine): Record<string, Program> {
  return { pacman: (process) => runPacman(machine, process), "pacman-key": () => 0 };
}

async function runPacman(machine: Machine, process: Process): Promise<number> {
  const options = readOptions(process.argv.slice(1), {
    flags: "SQRyuqinscTkw",
    long:
      "noconfirm needed sync query remove refresh sysupgrade quiet noprogressbar info recursive",
    longValued: "color root cachedir",
  });
  const { has, operands } = options;
  if (has("Q", "query")) return await query(machine, process, operands, has("q", "quiet"));
  if (has("T")) {
    const missing = operands.filter((name) => !isInstalled(machine, name));
    await process.out(missing.map((name) => `${name}\n`).join(""));
    return missing.length > 0 ? 127 : 0;
  }
  if (has("R", "remove")) {
    for (const name of operands) {
      if (removePackage(machine, name)) continue;
      await process.err(`error: target not found: ${name}\n`);
      return 1;
    }
    return 0;
  }
  if (!has("S", "sync")) {
    await process.err("error: no operation specified (use -h for help)\n");
    return 1;
  }
  if (has("y", "refresh") && !await refresh(machine, process)) return 1;
  return await install(machine, process, operands, has("noconfirm"));
}

async function refresh(machine: Machine, process: Process): Promise<boolean> {
  const { mirror } = machine.distro;
  await process.out(":: Synchronizing package databases...\n");
  if (machine.around.namesResolve()) {
    await process.out(" core downloading...\n extra downloading...\n");
    machine.indexed = true;
    machine.tree.write("/var/lib/pacman/sync/core.db", new Uint8Array());
    return true;
  }
  for (const database of ["core.db", "extra.db"]) {
    await process.err(
      `error: failed retrieving file '${database}' from ${mirror} : Could not resolve host: ${mirror}\n`,
    );
  }
  await process.err("error: failed to synchronize all databases (failed to retrieve some files)\n");
  return false;
}

async function install(
  machine: Machine,
  process: Process,
  names: readonly string[],
  unattended: boolean,
): Promise<number> {
  const unknown = machine.indexed
    ? unknownOf(machine, names)
    : names.filter((name) => !isInstalled(machine, name));
  for (const name of unknown) await process.err(`error: target not found: ${name}\n`);
  if (unknown.length > 0) return 1;
  const packages = wanted(machine, names);
  if (packages.length === 0) {
    await process.out(" there is nothing to do\n");
    return 0;
  }
  if (!unattended) {
    await process.out(":: Proceed with installation? [Y/n] ");
    return 1;
  }
  if (!machine.around.namesResolve()) {
    await process.err("error: failed to commit transaction (failed to retrieve some files)\n");
    return 1;
  }
  for (const [index, one] of packages.entries()) {
    unpack(machine, one);
    await process.out(`(${index + 1}/${packages.length}) installing ${one.name}...\n`);
  }
  return 0;
}

async function query(
  machine: Machine,
  process: Process,
  names: readonly string[],
  quiet: boolean,
): Promise<number> {
  let status = 0;
  for (const name of names.length > 0 ? names : [...machine.packages.keys()]) {
    const version = machine.packages.get(name);
    if (version !== undefined) {
      await process.out(quiet ? `${name}\n` : `${name} ${version}\n`);
      continue;
    }
    await process.err(`error: package '${name}' was not found\n`);
    status = 1;
  }
  return status;
}
