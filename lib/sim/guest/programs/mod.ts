import type { Machine } from "../distro/machine.ts";
import type { Program } from "../os/system.ts";
import { aptPrograms } from "../packages/apt.ts";
import { apkPrograms } from "../packages/apk.ts";
import { pacmanPrograms } from "../packages/pacman.ts";
import { dnfPrograms, zypperPrograms } from "../packages/rpm.ts";
import { shellProgram } from "../shell/main.ts";
import { TOOL_PROGRAMS } from "../tools/tools.ts";
import { basename } from "../os/tree.ts";
import { ABOUT } from "./about.ts";
import { ACCOUNTS } from "./accounts.ts";
import { FILES } from "./files.ts";
import { IDENTITY } from "./identity.ts";
import { METADATA } from "./metadata.ts";
import { networkPrograms } from "./network.ts";
import { od } from "./od.ts";
import { fail } from "./options.ts";
import { PROCESSES } from "./processes.ts";
import { regionalPrograms } from "./regional.ts";
import { openrcPrograms, systemdPrograms } from "./services.ts";
import { SHELL_WORDS } from "./shell_words.ts";
import { STREAMS } from "./streams.ts";
import { tr } from "./tr.ts";

/** Programs that any simulated system has, node or container. */
export const BASE_PROGRAMS: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...TOOL_PROGRAMS,
  ...Object.entries({
    ...STREAMS,
    ...FILES,
    ...METADATA,
    ...PROCESSES,
    ...IDENTITY,
    ...SHELL_WORDS,
    ...ABOUT,
  }),
  ["tr", tr],
  ["od", od],
  ["bash", shellProgram("bash")],
  ["dash", shellProgram("dash")],
]);

const MANAGERS = {
  debian: aptPrograms,
  alpine: apkPrograms,
  fedora: dnfPrograms,
  arch: pacmanPrograms,
  suse: zypperPrograms,
};

/** Text tools that come with a package of their own. */
export const PACKAGED: ReadonlySet<string> = new Set(["jq", "tree", "file"]);

/** The programs of one container. */
export function guestPrograms(machine: Machine): ReadonlyMap<string, Program> {
  const { adduser, ...accounts } = accountPrograms(machine);
  const programs = new Map<string, Program>([
    ...BASE_PROGRAMS,
    ...Object.entries({
      ...accounts,
      ...networkPrograms(machine),
      ...regionalPrograms(machine),
      ...(machine.distro.systemd ? systemdPrograms(machine) : openrcPrograms(machine)),
      ...MANAGERS[machine.distro.family](machine),
    }),
    ...(adduser === undefined ? [] : [["adduser", adduser] as const]),
  ]);
  if (machine.distro.family !== "alpine") return programs;
  const ash = shellProgram("ash");
  programs.set("sh", ash).set("ash", ash);
  return programs.set("busybox", busybox(programs));
}

function accountPrograms(machine: Machine): Record<string, Program> {
  const { "adduser.busybox": small, "adduser.debian": friendly, ...accounts } = ACCOUNTS;
  const { family } = machine.distro;
  const adduser = family === "alpine"
    ? small
    : family === "debian"
    ? friendly
    : accounts["useradd"];
  return adduser === undefined ? accounts : { ...accounts, adduser };
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
