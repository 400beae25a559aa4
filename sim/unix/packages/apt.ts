import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";
import { findPackage } from "./catalog.ts";
import { isInstalled, removePackage, unknownOf, unpack, wanted } from "./store.ts";
import { dpkg, dpkgQuery } from "./dpkg.ts";

const HEAD =
  "Reading package lists...\nBuilding dependency tree...\nReading state information...\n";

async function runApt(machine: Machine, process: Process): Promise<number> {
  const { operands, has } = readOptions(process.argv.slice(1), {
    flags: "yqsfdVum",
    valued: "ot",
    long: "yes quiet assume-yes no-install-recommends no-install-suggests install-recommends " +
      "allow-downgrades reinstall purge auto-remove fix-broken simulate dry-run no-upgrade " +
      "only-upgrade allow-unauthenticated force-yes show-progress",
    longValued: "option target-release default-release error-on",
  });
  const [command, ...names] = operands;
  // One -q leaves out the progress bars only; two leave out all but errors.
  const quiet = (process.argv.join(" ").match(/(?<= -\w*)q/g) ?? []).length > 1;
  const say = (text: string) => quiet ? Promise.resolve() : process.out(text);
  switch (command) {
    case "update":
      return await update(machine, process, say);
    case "install":
      return await install(machine, process, names, say, has("s", "simulate", "dry-run"));
    case "remove":
    case "purge":
    case "autoremove":
      return await remove(machine, process, names, say);
    case "upgrade":
    case "dist-upgrade":
    case "full-upgrade":
      await say(
        `${HEAD}Calculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`,
      );
      return 0;
    case "clean":
    case "autoclean":
      return 0;
    default:
      await process.err(`E: Invalid operation ${command ?? ""}\n`);
      return 100;
  }
}

type Say = (text: string) => Promise<void>;

function suites({ distro }: Machine): string[] {
  const { codename } = distro;
  return distro.id === "ubuntu"
    ? [codename, `${codename}-updates`, `${codename}-security`]
    : [codename, `${codename}-updates`];
}

async function update(machine: Machine, process: Process, say: Say): Promise<number> {
  const { mirror, id } = machine.distro;
  const base = `http://${mirror}/${id}`;
  const names = suites(machine);
  if (machine.around.namesResolve()) {
    for (const [index, suite] of names.entries()) {
      await say(`Get:${index + 1} ${base} ${suite} InRelease [151 kB]\n`);
    }
    await say("Fetched 8790 kB in 1s (8790 kB/s)\nReading package lists...\n");
    machine.indexed = true;
    machine.tree.write(
      `/var/lib/apt/lists/${mirror}_${id}_dists_${names[0]}_InRelease`,
      new Uint8Array(),
    );
    return 0;
  }
  for (const [index, suite] of names.entries()) {
    await say(
      `Err:${index + 1} ${base} ${suite} InRelease\n  Temporary failure resolving '${mirror}'\n`,
    );
  }
  await say("Reading package lists...\n");
  // A mirror that cannot be reached is only a warning: the status is 0.
  for (const suite of names) {
    await process.err(
      `W: Failed to fetch ${base}/dists/${suite}/InRelease  Temporary failure resolving '${mirror}'\n`,
    );
  }
  await process.err(
    "W: Some index files failed to download. They have been ignored, or old ones used instead.\n",
  );
  return 0;
}

async function install(
  machine: Machine,
  process: Process,
  given: readonly string[],
  say: Say,
  simulated: boolean,
): Promise<number> {
  const names = given.map((name) => name.replace(/[=/].*$/, ""));
  await say(HEAD);
  const missing = machine.indexed
    ? unknownOf(machine, names)
    : names.filter((name) => !isInstalled(machine, name));
  for (const name of missing) await process.err(`E: Unable to locate package ${name}\n`);
  if (missing.length > 0) return 100;
  const packages = wanted(machine, names);
  for (const name of names.filter((name) => isInstalled(machine, name))) {
    await say(`${name} is already the newest version (${machine.packages.get(name)}).\n`);
  }
  if (packages.length > 0) {
    await say(
      `The following NEW packages will be installed:\n  ${
        packages.map(({ name }) => name).join(" ")
      }\n`,
    );
  }
  await say(`0 upgraded, ${packages.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  if (simulated || packages.length === 0) return 0;
  const { mirror, id } = machine.distro;
  if (!machine.around.namesResolve()) {
    const [first] = packages;
    await process.err(
      `E: Failed to fetch http://${mirror}/${id}/pool/main/${first?.name}.deb  ` +
        `Temporary failure resolving '${mirror}'\n` +
        "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n",
    );
    return 100;
  }
  for (const one of packages) {
    await say(`Selecting previously unselected package ${one.name}.\n`);
    unpack(machine, one);
    await say(`Setting up ${one.name} (${one.version}) ...\n`);
  }
  return 0;
}

async function remove(
  machine: Machine,
  process: Process,
  names: readonly string[],
  say: Say,
): Promise<number> {
  await say(HEAD);
  for (const name of names) {
    const known = isInstalled(machine, name) || findPackage("debian", name) !== undefined;
    if (!known) {
      await process.err(`E: Unable to locate package ${name}\n`);
      return 100;
    }
    if (removePackage(machine, name)) await say(`Removing ${name} ...\n`);
    else await say(`Package '${name}' is not installed, so not removed\n`);
  }
  return 0;
}

async function aptCache(machine: Machine, process: Process): Promise<number> {
  const [, command, name = ""] = process.argv;
  const found = machine.indexed ? findPackage("debian", name) : undefined;
  if (command === "policy") {
    const installed = machine.packages.get(name) ?? "(none)";
    if (found !== undefined || isInstalled(machine, name)) {
      await process.out(
        `${name}:\n  Installed: ${installed}\n  Candidate: ${found?.version ?? installed}\n`,
      );
    }
    return 0;
  }
  if (found === undefined) {
    await process.err("E: No packages found\n");
    return 100;
  }
  await process.out(`Package: ${name}\nVersion: ${found.version}\n`);
  return 0;
}

/** apt-get and dpkg for one container. */
export function aptPrograms(machine: Machine): Record<string, Program> {
  const apt: Program = (process) => runApt(machine, process);
  return {
    "apt-get": apt,
    apt,
    "apt-cache": (process) => aptCache(machine, process),
    "apt-mark": () => 0,
    dpkg: (process) => dpkg(machine, process),
    "dpkg-query": (process) => dpkgQuery(machine, process),
    "dpkg-reconfigure": () => 0,
    "debconf-set-selections": async (process) => {
      await process.readAll();
      return 0;
    },
  };
}
