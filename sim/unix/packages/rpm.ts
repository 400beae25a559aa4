import type { Process } from "../os/process.ts";
import type { Machine } from "../distro/machine.ts";
import { readOptions } from "../programs/options.ts";

/** `rpm -q` and `--eval`. */
export async function runRpm(machine: Machine, process: Process): Promise<number> {
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
