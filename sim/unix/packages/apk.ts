import type { Process, Program } from "../os/process.ts";
import type { Machine } from "../distro/machine.ts";
import { LeftOut } from "../not_here.ts";
import { readOptions } from "../programs/options.ts";
import { isInstalled, unknownOf, unpack, wanted } from "./store.ts";

/** apk for one container. */
export function apkPrograms(machine: Machine): Record<string, Program> {
  return { apk: (process) => runApk(machine, process) };
}

async function runApk(machine: Machine, process: Process): Promise<number> {
  const { operands: [command, ...names], has } = readOptions(process, {
    flags: "e",
    long: "update-cache",
    longValued: "wait",
  });
  if (command === "info" && has("e")) {
    const there = names.filter((name) => isInstalled(machine, name));
    await process.out(there.map((name) => `${name}\n`).join(""));
    return there.length === names.length ? 0 : 1;
  }
  if (command !== "add") throw new LeftOut(`apk ${command ?? ""}`);
  if (has("update-cache")) await fetchIndex(machine, process);
  const unknown = machine.indexed ? unknownOf(machine, names) : names;
  for (const name of unknown) await process.err(`ERROR: ${name} (no such package)\n`);
  if (unknown.length > 0) return unknown.length;
  const packages = wanted(machine, names);
  for (const [index, one] of packages.entries()) {
    await process.out(
      `(${index + 1}/${packages.length}) Installing ${one.name} (${one.version})\n`,
    );
    unpack(machine, one);
  }
  await process.out(`OK: 10 MiB in ${machine.packages.size} packages\n`);
  return 0;
}

async function fetchIndex(machine: Machine, process: Process): Promise<void> {
  const { mirror, version } = machine.distro;
  machine.indexed ||= machine.around.namesResolve();
  for (const repository of ["main", "community"]) {
    const url = `https://${mirror}/alpine/v${version}/${repository}`;
    await process.out(`fetch ${url}/x86_64/APKINDEX.tar.gz\n`);
    if (!machine.indexed) await process.err(`WARNING: fetching ${url}: DNS: transient error\n`);
  }
}
