import { bytesOf, textOf } from "../os/bytes.ts";
import type { Machine } from "../distro/machine.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { makeLink, makeVirtualDir, makeVirtualFile, type Node } from "../os/tree.ts";
import { fail, readOptions } from "./options.ts";

/** Programs about languages and time zones. */
export function regionalPrograms(machine: Machine): Record<string, Program> {
  return {
    locale: (process) => locale(machine, process),
    "locale-gen": (process) => localeGen(machine, process),
    localedef: (process) => localedef(machine, process),
    "update-locale": (process) => updateLocale(process),
    localectl: (process) => localectl(machine, process),
    timedatectl: (process) => timedatectl(machine, process),
  };
}

/** Languages that the simulated distributions know, as in `de_DE`. */
const LANGUAGES =
  ("cs_CZ da_DK de_AT de_CH de_DE en_GB en_US es_ES fi_FI fr_CH fr_FR it_IT ja_JP " +
    "nb_NO nl_NL pl_PL pt_BR ru_RU sv_SE zh_CN").split(" ");

/** What /usr/share/i18n/SUPPORTED lists: a locale and its encoding. */
export const SUPPORTED: readonly string[] = LANGUAGES.flatMap((name) => [
  `${name}.UTF-8 UTF-8`,
  `${name} ISO-8859-1`,
]);

/** What a package adds beyond commands: time zones, or locales that are made already. */
export function addRegional(machine: Machine, name: string): void {
  if (name === "tzdata" || name === "timezone") mountZones(machine);
  const language = /^glibc-(?:langpack-([a-z]+)|locale)$/.exec(name);
  if (language === null) return;
  for (const one of LANGUAGES) {
    if (one.startsWith(`${language[1] ?? ""}`)) machine.locales.add(`${one}.utf8`);
  }
}

/** Puts the time zones in place; each is a file that only has to be there. */
function mountZones(machine: Machine): void {
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

const CATEGORIES = ("CTYPE NUMERIC TIME COLLATE MONETARY MESSAGES PAPER NAME ADDRESS TELEPHONE " +
  "MEASUREMENT IDENTIFICATION").split(" ");

async function locale(machine: Machine, process: Process): Promise<number> {
  if (process.argv.includes("-a")) {
    await process.out([...machine.locales].map((name) => `${name}\n`).join(""));
    return 0;
  }
  const lang = process.env.get("LANG") ?? "";
  const all = process.env.get("LC_ALL") ?? "";
  const lines = CATEGORIES.map((category) => {
    const own = process.env.get(`LC_${category}`);
    return own === undefined || all !== ""
      ? `LC_${category}="${all || lang || "POSIX"}"`
      : `LC_${category}=${own}`;
  });
  await process.out(`LANG=${lang}\nLANGUAGE=\n${lines.join("\n")}\nLC_ALL=${all}\n`);
  return 0;
}

/** `de_DE.UTF-8` as `locale -a` spells it. */
function spelled(name: string): string {
  return name.replace(/\.utf-?8/i, ".utf8");
}

async function localeGen(machine: Machine, process: Process): Promise<number> {
  const named = process.argv.slice(1).filter((word) => !word.startsWith("-"));
  const path = "/etc/locale.gen";
  const listed = process.may(path, 4)
    ? textOf(await process.readFile(path)).split("\n").filter((line) => /^[^#\s]/.test(line))
      .map((line) => line.split(/\s+/)[0] ?? "")
    : [];
  await process.out("Generating locales (this might take a while)...\n");
  // Ubuntu's takes names; Debian's and Arch's only read the list.
  for (const name of [...listed, ...(machine.distro.id === "ubuntu" ? named : [])]) {
    if (!SUPPORTED.some((line) => line.split(" ")[0] === name)) {
      const file = name.replace(/[.].*/, "");
      await process.out(`  ${name}...`);
      await process.err(
        `[error] cannot open locale definition file \`${file}': No such file or directory\n`,
      );
      return 1;
    }
    machine.locales.add(spelled(name));
    await process.out(`  ${name}... done\n`);
  }
  await process.out("Generation complete.\n");
  return 0;
}

async function localedef(machine: Machine, process: Process): Promise<number> {
  const { operands: [name] } = readOptions(process.argv.slice(1), { flags: "c", valued: "ifA" });
  if (name === undefined) return await fail(process, "no locale given", 4);
  machine.locales.add(spelled(name));
  return 0;
}

async function updateLocale(process: Process): Promise<number> {
  const pairs = process.argv.slice(1).filter((word) => /^\w+=/.test(word));
  const path = process.system.tree.find("/etc/locale.conf")
    ? "/etc/locale.conf"
    : "/etc/default/locale";
  await setLines(process, path, pairs);
  return 0;
}

/** Replaces `KEY=…` lines of a file, and adds those that are new. */
async function setLines(process: Process, path: string, pairs: readonly string[]): Promise<void> {
  const keys = new Set(pairs.map((pair) => pair.split("=")[0]));
  const old = process.may(path, 4) ? textOf(await process.readFile(path)).split("\n") : [];
  const kept = old.filter((line) => line !== "" && !keys.has(line.split("=")[0]));
  process.makeParents(path);
  await process.writeFile(path, [...kept, ...pairs].map((line) => `${line}\n`).join(""));
}

async function localectl(machine: Machine, process: Process): Promise<number> {
  const [verb = "status", ...values] = process.argv.slice(1);
  if (verb === "list-locales") {
    await process.out([...machine.locales].map((name) => `${name}\n`).join(""));
  }
  if (verb === "set-locale") {
    const pairs = values.map((value) => value.includes("=") ? value : `LANG=${value}`);
    await setLines(process, "/etc/locale.conf", pairs);
  }
  return 0;
}

async function timedatectl(machine: Machine, process: Process): Promise<number> {
  const [verb = "status", zone = ""] = process.argv.slice(1).filter((word) =>
    !word.startsWith("-")
  );
  const { tree } = machine;
  if (verb === "set-timezone") {
    const target = `/usr/share/zoneinfo/${zone}`;
    if (tree.find(target)?.kind !== "file") {
      await process.err(`Failed to set time zone: Invalid or not installed time zone '${zone}'\n`);
      return 1;
    }
    if (tree.find("/etc/localtime", false)) tree.remove("/etc/localtime", "file");
    tree.insert("/etc/localtime", makeLink(target));
    return 0;
  }
  const link = tree.find("/etc/localtime", false);
  const current = link?.kind === "link" ? link.target.replace(/^.*zoneinfo\//, "") : "Etc/UTC";
  const asProperty = process.argv.some((word) => word === "show");
  const bare = process.argv.includes("--value");
  await process.out(
    asProperty
      ? `${bare ? "" : "Timezone="}${current}\n`
      : `                Time zone: ${current} (UTC, +0000)\n`,
  );
  return 0;
}
