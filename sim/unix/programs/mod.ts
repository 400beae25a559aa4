import type { Machine } from "../distro/machine.ts";
import { basename } from "../os/tree.ts";
import type { Program } from "../os/process.ts";
import { apkPrograms } from "../packages/apk.ts";
import { aptPrograms } from "../packages/apt.ts";
import { shellProgram } from "../shell/main.ts";
import { TOOL_PROGRAMS } from "../tools/tools.ts";
import { addgroup, adduser } from "./accounts/adduser.ts";
import { IDENTITY } from "./accounts/identity.ts";
import { chpasswd, SHADOW } from "./accounts/shadow.ts";
import { COPYING } from "./files/copying.ts";
import { FILES } from "./files/files.ts";
import { LISTING } from "./files/listing.ts";
import { METADATA } from "./files/metadata.ts";
import { OWNERSHIP } from "./files/ownership.ts";
import { tar } from "./files/tar.ts";
import { fail } from "./options.ts";
import { PROCESSES } from "./processes.ts";
import { dockerProgram } from "./services/docker.ts";
import { namePrograms } from "./services/names.ts";
import { regionalPrograms } from "./services/regional.ts";
import { openrcPrograms, systemdPrograms } from "./services/services.ts";
import { tailscaleProgram } from "./services/tailscale.ts";
import { SHELL_WORDS } from "./shell_words.ts";
import { ENCODINGS } from "./text/encodings.ts";
import { ENDS } from "./text/ends.ts";
import { STREAMS } from "./text/streams.ts";
import { tr } from "./text/tr.ts";

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
    ...PROCESSES,
    ...IDENTITY,
    ...SHELL_WORDS,
    tar,
    tr,
    bash: shellProgram("bash"),
    dash: shellProgram("dash"),
  }),
]);

/** Programs that come with a package of their own. */
export const PACKAGED: ReadonlySet<string> = new Set(["docker", "tailscale"]);

/** Stand-in for software of a package: it can only say its version. */
export function stub(name: string): Program {
  return async (process) => {
    if (/^-{0,2}v(ersion)?$/i.test(process.argv[1] ?? "")) await process.out(`${name} 1.2.3\n`);
    return 0;
  };
}

/** The programs of one container. */
export function guestPrograms(machine: Machine): ReadonlyMap<string, Program> {
  const both = {
    ...namePrograms(machine),
    docker: dockerProgram(machine),
    tailscale: tailscaleProgram(machine),
  };
  if (machine.distro.family === "debian") {
    const debian = {
      ...both,
      ...SHADOW,
      ...regionalPrograms(machine),
      ...systemdPrograms(machine),
      ...aptPrograms(machine),
    };
    return new Map([...BASE_PROGRAMS, ...Object.entries(debian)]);
  }
  const ash = shellProgram("ash");
  const own = {
    ...both,
    ...openrcPrograms(machine),
    ...apkPrograms(machine),
    addgroup,
    adduser,
    chpasswd,
  };
  const programs = new Map([...BASE_PROGRAMS, ...Object.entries({ ...own, sh: ash, ash })]);
  for (const name of ["bash", "dash", "runuser"]) programs.delete(name);
  return programs.set("busybox", busybox(programs));
}

/** One binary under many names: which one is called decides what it does. */
function busybox(programs: ReadonlyMap<string, Program>): Program {
  return (process) => {
    const name = basename(process.argv[0] ?? "").replace(/^-/, "");
    const program = name === "busybox" ? undefined : programs.get(name);
    return program?.(process) ?? fail(process, "applet not found", 127);
  };
}
