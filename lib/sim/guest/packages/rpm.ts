import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";
import { isInstalled, removePackage, unknownOf, unpack, wanted } from "./store.ts";

/** dnf and rpm for one container. */
export function dnfPrograms(machine: Machine): Record<string, Program> {
  const dnf: Program = (process) => runDnf(machine, process);
  return { dnf, yum: dnf, rpm: (process) => runRpm(machine, process) };
}

/** zypper and rpm for one container. */
export function zypperPrograms(machine: Machine): Record<string, Program> {
  return {
    zypper: (process) => runZypper(machine, process),
    rpm: (process) => runRpm(machine, process),
  };
}

async function runDnf(machine: Machine, process: Process): Promise<number> {
  const { operands, has } = readOptions(process.argv.slice(1), {
    flags: "yqCb",
    valued: "x",
    long: "assumeyes quiet best nobest refresh allowerasing skip-broken nogpgcheck installed",
    longValued: "setopt enablerepo disablerepo exclude repo",
  });
  const [command, ...names] = operands;
  const say = (text: string) => has("q", "quiet") ? Promise.resolve() : process.out(text);
  const { id, mirror } = machine.distro;
  const offline = async () => {
    await process.err(
      `Error: Failed to download metadata for repo '${id}': Cannot prepare internal mirrorlist: ` +
        `Curl error (6): Could not resolve hostname for https://${mirror}/metalink [Could not resolve host: ${mirror}]\n`,
    );
    return 1;
  };
  switch (command) {
    case "makecache":
    case "check-update":
    case "upgrade":
    case "update":
      if (!machine.around.namesResolve()) return await offline();
      machine.indexed = true;
      await say(command === "makecache" ? "Metadata cache created.\n" : "Nothing to do.\n");
      return 0;
    case "install": {
      const packages = wanted(machine, names);
      const unknown = unknownOf(machine, names);
      if ((packages.length > 0 || unknown.length > 0) && !machine.around.namesResolve()) {
        return await offline();
      }
      if (unknown.length > 0) {
        for (const name of unknown) await say(`No match for argument: ${name}\n`);
        await process.err(`Error: Unable to find a match: ${unknown.join(" ")}\n`);
        return 1;
      }
      if (packages.length === 0) {
        await say("Dependencies resolved.\nNothing to do.\nComplete!\n");
        return 0;
      }
      if (!has("y", "assumeyes")) {
        await process.out("Is this ok [y/N]: Operation aborted.\n");
        return 1;
      }
      for (const one of packages) {
        unpack(machine, one);
        await say(`Installing : ${one.name}-${one.version}.x86_64\n`);
      }
      await say("Complete!\n");
      return 0;
    }
    case "remove":
      for (const name of names) {
        if (!removePackage(machine, name)) await say(`No match for argument: ${name}\n`);
      }
      return 0;
    case "list":
      for (const [name, version] of machine.packages) {
        if (names.length === 0 || names.includes(name) || names[0] === "installed") {
          await process.out(`${name}.x86_64 ${version} @System\n`);
        }
      }
      return 0;
    case "clean":
      return 0;
    default:
      await process.err(`No such command: ${command ?? ""}. Please use /usr/bin/dnf --help\n`);
      return 1;
  }
}

async function runRpm(machine: Machine, process: Process): Promise<number> {
  const { operands, has, value } = readOptions(process.argv.slice(1), {
    flags: "qaivhUe",
    long: "query all quiet import",
    longValued: "queryformat qf whatprovides eval",
  });
  const macro = value("eval");
  if (macro !== undefined) {
    await process.out(`${macro.includes("fedora") ? machine.distro.version : "x86_64"}\n`);
    return 0;
  }
  if (!has("q", "query", "whatprovides")) return 0;
  const format = value("queryformat", "qf") ?? "%{NAME}-%{VERSION}.%{ARCH}\\n";
  const provided = value("whatprovides");
  const names = has("a", "all")
    ? [...machine.packages.keys()]
    : provided === undefined
    ? operands
    : [provided, ...operands];
  let status = 0;
  for (const name of names) {
    const version = machine.packages.get(name);
    if (version === undefined) {
      await process.out(
        provided === undefined
          ? `package ${name} is not installed\n`
          : `no package provides ${name}\n`,
      );
      status++;
      continue;
    }
    const text = format.replaceAll(
      /%\{(\w+)\}/g,
      (_, field: string) =>
        ({ NAME: name, VERSION: version, ARCH: "x86_64", RELEASE: "1" })[field.toUpperCase()] ??
          "(none)",
    );
    await process.out(text.replaceAll("\\n", "\n"));
  }
  return status;
}

async function runZypper(machine: Machine, process: Process): Promise<number> {
  const { operands } = readOptions(process.argv.slice(1), {
    flags: "nyqlr",
    long:
      "non-interactive no-confirm quiet no-recommends auto-agree-with-licenses gpg-auto-import-keys force-resolution no-refresh",
    longValued: "gpg-check",
  });
  const [command, ...names] = operands;
  const { mirror } = machine.distro;
  const unattended = process.argv.some((word) =>
    /^(-n|-y|--non-interactive|--no-confirm)$/.test(word)
  );
  const offline = async () => {
    await process.err(
      "Problem retrieving files from 'Main Repository'.\n" +
        `Download (curl) error for 'http://${mirror}/distribution/repo/oss/repodata/repomd.xml':\n` +
        `Error code: Connection failed\nError message: Could not resolve host: ${mirror}\n`,
    );
    return 106;
  };
  switch (command) {
    case "refresh":
    case "ref":
      if (!machine.around.namesResolve()) return await offline();
      machine.indexed = true;
      await process.out("All repositories have been refreshed.\n");
      return 0;
    case "install":
    case "in": {
      const unknown = unknownOf(machine, names);
      const packages = wanted(machine, names);
      if (unknown.length + packages.length > 0 && !machine.around.namesResolve()) {
        return await offline();
      }
      for (const name of unknown) {
        await process.out(`'${name}' not found in package names. Trying capabilities.\n`);
        await process.err(`No provider of '${name}' found.\n`);
      }
      if (unknown.length > 0) return 104;
      for (const name of names.filter((name) => isInstalled(machine, name))) {
        await process.out(`'${name}' is already installed.\n`);
      }
      if (packages.length > 0 && !unattended) {
        await process.out("Continue? [y/n/v/...? shows all options] (y): ");
        return 4;
      }
      for (const one of packages) {
        unpack(machine, one);
        await process.out(`Installing: ${one.name}-${one.version}.x86_64 [...done]\n`);
      }
      if (packages.length === 0) await process.out("Nothing to do.\n");
      return 0;
    }
    case "remove":
    case "rm":
      for (const name of names) {
        if (!removePackage(machine, name)) await process.out(`'${name}' is not installed.\n`);
      }
      return 0;
    case "update":
    case "up":
    case "clean":
      return 0;
    default:
      await process.err(`Unknown command '${command ?? ""}'\n`);
      return 2;
  }
}
