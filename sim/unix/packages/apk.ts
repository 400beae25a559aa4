import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";
import { isInstalled, removePackage, unknownOf, unpack, wanted } from "./store.ts";

/** apk for one container. */
export function apkPrograms(machine: Machine): Record<string, Program> {
  return { apk: (process) => runApk(machine, process) };
}

async function runApk(machine: Machine, process: Process): Promise<number> {
  const { operands, has } = readOptions(process.argv.slice(1), {
    flags: "qUuevaLfi",
    valued: "tXp",
    long: "no-cache quiet update-cache upgrade installed available no-progress force update " +
      "no-interactive cache-no verbose latest",
    longValued: "virtual repository root wait",
  });
  const [command, ...names] = operands;
  const say = (text: string) => has("q", "quiet") ? Promise.resolve() : process.out(text);
  switch (command) {
    case "update":
      return await fetchIndex(machine, process, say) ? 0 : 1;
    case "add":
      if ((has("U", "no-cache", "update-cache") || !machine.indexed) && needsNet(machine, names)) {
        const fetched = has("U", "no-cache", "update-cache")
          ? await fetchIndex(machine, process, say)
          : await noIndex(machine, process);
        if (!fetched) {
          return await unsatisfied(
            process,
            wanted(machine, names).map(({ name }) => name)
              .concat(unknownOf(machine, names)),
          );
        }
      }
      return await add(machine, process, names, say);
    case "del":
      for (const name of names) if (removePackage(machine, name)) await say(`Purging ${name}\n`);
      await say(`OK: 10 MiB in ${machine.packages.size} packages\n`);
      return 0;
    case "info":
      return await info(machine, process, names, has("e", "installed"));
    case "upgrade":
    case "fix":
      await say(`OK: 10 MiB in ${machine.packages.size} packages\n`);
      return 0;
    default:
      await process.err(`ERROR: '${command ?? ""}' is not an apk command. See 'apk --help'.\n`);
      return 1;
  }
}

function needsNet(machine: Machine, names: readonly string[]): boolean {
  return names.some((name) => !isInstalled(machine, name));
}

function repositories({ distro }: Machine): string[] {
  return ["main", "community"].map((repository) =>
    `https://${distro.mirror}/alpine/v${distro.version}/${repository}`
  );
}

async function fetchIndex(
  machine: Machine,
  process: Process,
  say: (text: string) => Promise<void>,
): Promise<boolean> {
  const resolves = machine.around.namesResolve();
  for (const repository of repositories(machine)) {
    await say(`fetch ${repository}/x86_64/APKINDEX.tar.gz\n`);
    if (!resolves) {
      await process.err(
        `WARNING: fetching ${repository}: DNS: transient error (try again later)\n`,
      );
    }
  }
  if (!resolves) return false;
  machine.indexed = true;
  machine.tree.write("/var/cache/apk/APKINDEX.tar.gz", new Uint8Array());
  return true;
}

async function noIndex(machine: Machine, process: Process): Promise<boolean> {
  for (const repository of repositories(machine)) {
    await process.err(`WARNING: opening from cache ${repository}: No such file or directory\n`);
  }
  return false;
}

async function unsatisfied(process: Process, names: readonly string[]): Promise<number> {
  const lines = names.map((name) =>
    `  ${name} (no such package):\n    required by: world[${name}]\n`
  );
  await process.err(`ERROR: unable to select packages:\n${lines.join("")}`);
  return names.length;
}

async function add(
  machine: Machine,
  process: Process,
  names: readonly string[],
  say: (text: string) => Promise<void>,
): Promise<number> {
  const unknown = unknownOf(machine, names);
  if (unknown.length > 0) return await unsatisfied(process, unknown);
  const packages = wanted(machine, names);
  if (packages.length > 0 && !machine.around.namesResolve()) {
    for (const { name } of packages) {
      await process.err(`ERROR: ${name}: DNS: transient error (try again later)\n`);
    }
    return packages.length;
  }
  for (const [index, one] of packages.entries()) {
    await say(`(${index + 1}/${packages.length}) Installing ${one.name} (${one.version})\n`);
    unpack(machine, one);
  }
  await say(`OK: 10 MiB in ${machine.packages.size} packages\n`);
  return 0;
}

async function info(
  machine: Machine,
  process: Process,
  names: readonly string[],
  exists: boolean,
): Promise<number> {
  if (names.length === 0) {
    await process.out([...machine.packages.keys()].map((name) => `${name}\n`).join(""));
    return 0;
  }
  let status = 0;
  for (const name of names) {
    const version = machine.packages.get(name);
    if (version === undefined) status = 1;
    else await process.out(exists ? `${name}\n` : `${name}-${version} description:\n${name}\n\n`);
  }
  return status;
}
