import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";
import { removePackage, unknownOf, unpack, wanted } from "./store.ts";
import { runRpm } from "./rpm.ts";

/** dnf and rpm for one container. */
export function dnfPrograms(machine: Machine): Record<string, Program> {
  const dnf: Program = (process) => runDnf(machine, process);
  return { dnf, yum: dnf, rpm: (process) => runRpm(machine, process) };
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
