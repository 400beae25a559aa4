import type { Process } from "../os/process.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";

/** `dpkg-query -W -f FORMAT`. */
export async function dpkgQuery(machine: Machine, process: Process): Promise<number> {
  const { operands, value } = readOptions(process, { flags: "W", valued: "f" });
  // As dpkg reads its short options, -f='…' is -f '…'.
  const format = value("f")?.replace(/^=/, "") ?? "${binary:Package}\\t${Version}\\n";
  const names = operands.length > 0 ? operands : [...machine.packages.keys()];
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
