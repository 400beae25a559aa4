import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";
import { isInstalled, removePackage, unknownOf, unpack, wanted } from "./store.ts";
import { runRpm } from "./rpm.ts";

/** zypper and rpm for one container. */
export function zypperPrograms(machine: Machine): Record<string, Program> {
  return {
    zypper: (process) => runZypper(machine, process),
    rpm: (process) => runRpm(machine, process),
  };
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
