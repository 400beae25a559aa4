import { bytesOf, textOf } from "../../os/bytes.ts";
import type { Machine } from "../../distro/machine.ts";
import type { Process, Program } from "../../os/process.ts";
import { makeVirtualDir, makeVirtualFile, type Node } from "../../os/tree.ts";
import { LeftOut } from "../../not_here.ts";

/** Programs about languages. */
export function regionalPrograms(machine: Machine): Record<string, Program> {
  return {
    locale: async (process) => {
      if (!process.argv.includes("-a")) throw new LeftOut("locale");
      await process.out([...machine.locales].map((name) => `${name}\n`).join(""));
      return 0;
    },
    "locale-gen": (process) => localeGen(machine, process),
  };
}

/** Languages that the simulated distributions know, as in `de_DE`. */
const LANGUAGES =
  ("cs_CZ da_DK de_AT de_CH de_DE en_GB en_US es_ES fi_FI fr_CH fr_FR it_IT ja_JP " +
    "nb_NO nl_NL pl_PL pt_BR ru_RU sv_SE zh_CN").split(" ");

/** Line of /usr/share/i18n/SUPPORTED: a locale and its encoding. */
export const SUPPORTED: readonly string[] = LANGUAGES.flatMap((name) => [
  `${name}.UTF-8 UTF-8`,
  `${name} ISO-8859-1`,
]);

/** Puts the time zones in place; each is a file that only has to be there. */
export function mountZones(machine: Machine): void {
  const zones = ["UTC", "Etc/UTC", ...Intl.supportedValuesOf("timeZone")];
  const content = () => bytesOf("TZif2");
  const top = new Map<string, Node>();
  const regions = new Map<string, Map<string, Node>>();
  for (const zone of zones) {
    const at = zone.indexOf("/");
    if (at < 0) top.set(zone, makeVirtualFile(content));
    else {
      const region = zone.slice(0, at);
      const names = regions.get(region) ?? new Map<string, Node>();
      regions.set(region, names);
      if (!zone.slice(at + 1).includes("/")) {
        names.set(zone.slice(at + 1), makeVirtualFile(content));
      }
    }
  }
  for (const [region, names] of regions) top.set(region, makeVirtualDir(() => names));
  machine.tree.mkdirs("/usr/share");
  machine.tree.insert("/usr/share/zoneinfo", makeVirtualDir(() => top));
}

/** `de_DE.UTF-8` as `locale -a` spells it. */
function spelled(name: string): string {
  return name.replace(/\.utf-?8/i, ".utf8");
}

async function localeGen(machine: Machine, process: Process): Promise<number> {
  const path = "/etc/locale.gen";
  const listed = process.may(path, 4)
    ? textOf(await process.readFile(path)).split("\n").filter((line) => /^[^#\s]/.test(line))
      .map((line) => line.split(/\s+/)[0] ?? "")
    : [];
  await process.out("Generating locales (this might take a while)...\n");
  for (const name of listed) {
    machine.locales.add(spelled(name));
    await process.out(`  ${name}... done\n`);
  }
  await process.out("Generation complete.\n");
  return 0;
}
