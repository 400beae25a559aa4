import type { Process, Program } from "../os/process.ts";
import type { Machine } from "../distro/machine.ts";
import { LeftOut } from "../not_here.ts";
import { fail, readOptions } from "../programs/options.ts";
import { findPackage } from "./catalog.ts";
import { dpkgQuery } from "./dpkg.ts";
import { isInstalled, unknownOf, unpack, wanted } from "./store.ts";

/** apt-get and its relatives for one container. */
export function aptPrograms(machine: Machine): Record<string, Program> {
  return {
    "apt-get": (process) => runApt(machine, process),
    "apt-cache": (process) => aptCache(machine, process),
    "dpkg-query": (process) => dpkgQuery(machine, process),
  };
}

async function runApt(machine: Machine, process: Process): Promise<number> {
  const { operands: [command, ...names] } = readOptions(process, {
    flags: "yqf",
    valued: "o",
  });
  // One -q leaves out the progress bars only; two leave out all but errors.
  const quiet = (process.argv.join(" ").match(/(?<= -\w*)q/g) ?? []).length > 1;
  const say = (text: string) => quiet ? Promise.resolve() : process.out(text);
  switch (command) {
    case "update":
      return await update(machine, process, say);
    case "install":
      return await install(machine, process, names, say);
    case "upgrade":
      await say("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
      return 0;
    default:
      throw new LeftOut(`apt-get ${command ?? ""}`);
  }
}

type Say = (text: string) => Promise<void>;

async function update(machine: Machine, process: Process, say: Say): Promise<number> {
  const { mirror, id, codename } = machine.distro;
  if (!machine.around.namesResolve()) {
    // A mirror that cannot be reached is only a warning: the status is 0.
    await process.err(`W: Failed to fetch http://${mirror}/${id}  Temporary failure resolving\n`);
    return 0;
  }
  for (const [index, suite] of [codename, `${codename}-updates`].entries()) {
    await say(`Get:${index + 1} http://${mirror}/${id} ${suite} InRelease [151 kB]\n`);
  }
  await say("Fetched 8790 kB in 1s (8790 kB/s)\nReading package lists...\n");
  machine.indexed = true;
  return 0;
}

async function install(
  machine: Machine,
  process: Process,
  names: readonly string[],
  say: Say,
): Promise<number> {
  await say("Reading package lists...\nBuilding dependency tree...\n");
  const missing = machine.indexed
    ? unknownOf(machine, names)
    : names.filter((name) => !isInstalled(machine, name));
  for (const name of missing) await process.err(`E: Unable to locate package ${name}\n`);
  if (missing.length > 0) return 100;
  const packages = wanted(machine, names);
  await say(`0 upgraded, ${packages.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  for (const one of packages) {
    unpack(machine, one);
    await say(`Setting up ${one.name} (${one.version}) ...\n`);
  }
  return 0;
}

/** `apt-cache show NAME`. */
async function aptCache(machine: Machine, process: Process): Promise<number> {
  const found = machine.indexed ? findPackage("debian", process.argv[2] ?? "") : undefined;
  if (found === undefined) return await fail(process, "No packages found", 100);
  await process.out(`Package: ${found.name}\nVersion: ${found.version}\n`);
  return 0;
}
