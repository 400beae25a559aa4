import type { Process } from "../os/process.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";
import { isInstalled } from "./store.ts";

/** `dpkg -s`, `-l` and `--print-architecture`. */
export async function dpkg(machine: Machine, process: Process): Promise<number> {
  const words = process.argv.slice(1);
  if (words.includes("--print-architecture")) {
    await process.out("amd64\n");
    return 0;
  }
  const action = words.find((word) => /^(-s|--status|-l|--list|-L|--configure|-W)$/.test(word));
  const names = words.filter((word) => !word.startsWith("-"));
  if (action === "-s" || action === "--status") {
    for (const name of names) {
      const version = machine.packages.get(name);
      if (version === undefined) {
        await process.err(
          `dpkg-query: package '${name}' is not installed and no information is available\n` +
            "Use dpkg --info (= dpkg-deb --info) to examine archive files.\n",
        );
        return 1;
      }
      await process.out(`Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n`);
    }
    return 0;
  }
  if (action === "-l" || action === "--list") {
    for (const [name, version] of machine.packages) {
      if (names.length === 0 || names.includes(name)) {
        await process.out(`ii  ${name} ${version} amd64\n`);
      }
    }
    const missing = names.filter((name) => !isInstalled(machine, name));
    for (const name of missing) {
      await process.err(`dpkg-query: no packages found matching ${name}\n`);
    }
    return missing.length > 0 ? 1 : 0;
  }
  return 0;
}

/** `dpkg-query -W -f FORMAT` and `-s`. */
export async function dpkgQuery(machine: Machine, process: Process): Promise<number> {
  const options = readOptions(process.argv.slice(1), {
    flags: "Wsl",
    valued: "f",
    long: "show status list",
    longValued: "showformat",
  });
  if (options.has("s", "status")) return await dpkg(machine, process);
  // As dpkg reads its short options, -f='…' is -f '…'.
  const format = options.value("f", "showformat")?.replace(/^=/, "") ??
    "${binary:Package}\\t${Version}\\n";
  const names = options.operands.length > 0 ? options.operands : [...machine.packages.keys()];
  let status = 0;
  for (const name of names) {
    const version = machine.packages.get(name);
    if (version === undefined) {
      await process.err(`dpkg-query: no packages found matching ${name}\n`);
      status = 1;
    } else await process.out(formatted(format, name, version));
  }
  return status;
}

function formatted(format: string, name: string, version: string): string {
  const fields: Record<string, string> = {
    Package: name,
    "binary:Package": name,
    Version: version,
    Architecture: "amd64",
    Status: "install ok installed",
    "db:Status-Status": "installed",
    "db:Status-Abbrev": "ii ",
    "db:Status-Want": "install",
    "db:Status-Eflag": "ok",
  };
  return format
    .replaceAll(/\$\{([^};]+)(?:;-?\d+)?\}/g, (_, field: string) => fields[field] ?? "")
    .replaceAll("\\n", "\n").replaceAll("\\t", "\t");
}
