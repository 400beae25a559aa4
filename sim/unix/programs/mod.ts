import type { Family } from "../distro/distro.ts";
import type { Machine } from "../distro/machine.ts";
import { basename } from "../os/tree.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { apkPrograms } from "../packages/apk.ts";
import { aptPrograms } from "../packages/apt.ts";
import { dnfPrograms } from "../packages/dnf.ts";
import { pacmanPrograms } from "../packages/pacman.ts";
import { zypperPrograms } from "../packages/zypper.ts";
import { shellProgram } from "../shell/main.ts";
import { TOOL_PROGRAMS } from "../tools/tools.ts";
import { ABOUT } from "./about.ts";
import { addgroup, busyboxAdduser, debianAdduser } from "./adduser.ts";
import { COPYING } from "./copying.ts";
import { dockerProgram } from "./docker.ts";
import { ENCODINGS } from "./encodings.ts";
import { ENDS } from "./ends.ts";
import { ENVIRONMENT } from "./environment.ts";
import { FILES } from "./files.ts";
import { flock } from "./flock.ts";
import { IDENTITY } from "./identity.ts";
import { ip } from "./ip.ts";
import { LISTING } from "./listing.ts";
import { METADATA } from "./metadata.ts";
import { namePrograms } from "./names.ts";
import { od } from "./od.ts";
import { fail } from "./options.ts";
import { OWNERSHIP } from "./ownership.ts";
import { PATHS } from "./paths.ts";
import { PROCESS_LIST } from "./process_list.ts";
import { PROCESSES } from "./processes.ts";
import { regionalPrograms } from "./regional.ts";
import { openrcPrograms, systemdPrograms } from "./services.ts";
import { SHADOW } from "./shadow.ts";
import { SHELL_WORDS } from "./shell_words.ts";
import { STREAMS } from "./streams.ts";
import { tailscaleProgram } from "./tailscale.ts";
import { tar } from "./tar.ts";
import { tr } from "./tr.ts";

/** Programs that any simulated system has, node or container. */
export const BASE_PROGRAMS: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...TOOL_PROGRAMS,
  ...Object.entries({
    ...STREAMS,
    ...ENDS,
    ...ENCODINGS,
    ...FILES,
    ...COPYING,
    ...OWNERSHIP,
    ...LISTING,
    ...METADATA,
    ...PATHS,
    ...PROCESSES,
    ...PROCESS_LIST,
    ...ENVIRONMENT,
    ...IDENTITY,
    ...SHELL_WORDS,
    ...ABOUT,
    flock,
    tar,
    od,
    tr,
    bash: shellProgram("bash"),
    dash: shellProgram("dash"),
  }),
]);

const MANAGERS: Readonly<Record<Family, (machine: Machine) => Record<string, Program>>> = {
  debian: aptPrograms,
  alpine: apkPrograms,
  fedora: dnfPrograms,
  arch: pacmanPrograms,
  suse: zypperPrograms,
};

/** Text tools that come with a package of their own. */
export const PACKAGED: ReadonlySet<string> = new Set(["jq", "tree", "file", "docker", "tailscale"]);

/** The programs of one container. */
export function guestPrograms(machine: Machine): ReadonlyMap<string, Program> {
  const { family, systemd } = machine.distro;
  const programs = new Map<string, Program>([
    ...BASE_PROGRAMS,
    ...Object.entries({
      ...SHADOW,
      ...namePrograms(machine),
      ...regionalPrograms(machine),
      ...(systemd ? systemdPrograms(machine) : openrcPrograms(machine)),
      ...MANAGERS[family](machine),
      docker: dockerProgram(machine),
      tailscale: tailscaleProgram(machine),
      ip: (process: Process) => ip(machine, process),
    }),
  ]);
  if (family === "debian") programs.set("adduser", debianAdduser).set("addgroup", addgroup);
  if (family !== "alpine") return programs;
  const ash = shellProgram("ash");
  programs.set("adduser", busyboxAdduser).set("addgroup", addgroup).set("sh", ash).set("ash", ash);
  return programs.set("busybox", busybox(programs));
}

/** One binary under many names: which one is called decides what it does. */
function busybox(programs: ReadonlyMap<string, Program>): Program {
  return async (process) => {
    const name = basename(process.argv[0] ?? "").replace(/^-/, "");
    if (name !== "busybox") return await (programs.get(name) ?? notFound)(process);
    process.argv = process.argv.slice(1);
    return await (programs.get(process.argv[0] ?? "") ?? notFound)(process);
  };
}

const notFound: Program = (process) => fail(process, "applet not found", 127);
