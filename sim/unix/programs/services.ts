import type { Machine } from "../distro/machine.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { entriesOf, makeLink } from "../os/tree.ts";
import { fail, readOptions } from "./options.ts";

const UNIT_DIRS = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
const WANTS = "/etc/systemd/system/multi-user.target.wants";

/** The services that start with the container. */
export function enabledUnits(machine: Machine): string[] {
  const dir = machine.tree.find(machine.distro.systemd ? WANTS : "/etc/runlevels/default");
  if (dir?.kind !== "dir") return [];
  return [...entriesOf(dir).keys()].map((name) => name.replace(/\.service$/, ""));
}

/** systemctl and journalctl, where the distribution has systemd. */
export function systemdPrograms(machine: Machine): Record<string, Program> {
  return {
    systemctl: (process) => systemctl(machine, process),
    journalctl: async (process) => {
      await process.out("-- No entries --\n");
      return 0;
    },
    "systemd-detect-virt": async (process) => {
      await process.out("lxc\n");
      return 0;
    },
  };
}

function unitPath(machine: Machine, unit: string): string | undefined {
  return UNIT_DIRS.map((dir) => `${dir}/${unit}`).find((path) =>
    machine.tree.find(path) !== undefined
  );
}

async function systemctl(machine: Machine, process: Process): Promise<number> {
  const options = readOptions(process.argv.slice(1), {
    flags: "qal",
    valued: "pnt",
    long:
      "quiet now all no-pager no-block wait system user force no-legend plain full value failed",
    longValued: "property type state lines",
  });
  const [command = "list-units", ...given] = options.operands;
  const quiet = options.has("q", "quiet");
  const units = given.map((unit) => /\.\w+$/.test(unit) ? unit : `${unit}.service`);
  const say = (text: string) => quiet ? Promise.resolve() : process.out(text);
  switch (command) {
    case "daemon-reload":
    case "daemon-reexec":
    case "reset-failed":
      return 0;
    case "is-system-running":
      await say("running\n");
      return 0;
    case "list-units":
    case "list-unit-files":
      for (const name of machine.active) {
        await process.out(`${name}.service loaded active running\n`);
      }
      return 0;
  }
  let status = 0;
  for (const unit of units) {
    status = await onUnit(machine, process, command, unit, options.has("now"), say) || status;
  }
  return status;
}

async function onUnit(
  machine: Machine,
  process: Process,
  command: string,
  unit: string,
  now: boolean,
  say: (text: string) => Promise<void>,
): Promise<number> {
  const { active, tree } = machine;
  const name = unit.replace(/\.service$/, "");
  const path = unitPath(machine, unit);
  const link = `${WANTS}/${unit}`;
  const complain = async (text: string, status: number) => {
    await process.err(`${text}\n`);
    return status;
  };
  switch (command) {
    case "is-active":
      await say(active.has(name) ? "active\n" : "inactive\n");
      return active.has(name) ? 0 : path === undefined ? 4 : 3;
    case "is-failed":
      await say(active.has(name) ? "active\n" : "inactive\n");
      return 1;
    case "is-enabled":
      if (path === undefined) {
        return await complain(
          `Failed to get unit file state for ${unit}: No such file or directory`,
          1,
        );
      }
      await say(tree.find(link, false) ? "enabled\n" : "disabled\n");
      return tree.find(link, false) ? 0 : 1;
    case "status":
      if (path === undefined) return await complain(`Unit ${unit} could not be found.`, 4);
      await say(
        `* ${unit}\n     Active: ${active.has(name) ? "active (running)" : "inactive (dead)"}\n`,
      );
      return active.has(name) ? 0 : 3;
    case "enable":
    case "disable":
    case "mask":
    case "unmask":
      if (path === undefined) {
        return await complain(`Failed to ${command} unit: Unit file ${unit} does not exist.`, 1);
      }
      if (command === "enable" && !tree.find(link, false)) {
        tree.mkdirs(WANTS);
        tree.insert(link, makeLink(path));
        await process.err(`Created symlink ${link} -> ${path}.\n`);
      }
      if (command === "disable" && tree.find(link, false)) tree.remove(link, "file");
      if (now && command === "enable") active.add(name);
      if (now && command === "disable") active.delete(name);
      return 0;
    case "start":
    case "restart":
    case "reload":
    case "reload-or-restart":
    case "try-restart":
    case "stop": {
      if (path === undefined) {
        const verb = command === "reload-or-restart" ? "restart" : command;
        return await complain(
          `Failed to ${verb} ${unit}: Unit ${unit} not ${command === "stop" ? "loaded" : "found"}.`,
          5,
        );
      }
      if (command === "stop") active.delete(name);
      else if (command !== "try-restart") active.add(name);
      return 0;
    }
    case "cat":
      if (path === undefined) return await complain(`No files found for ${unit}.`, 1);
      await process.out(await process.readFile(path));
      return 0;
    case "show":
      await process.out(`ActiveState=${active.has(name) ? "active" : "inactive"}\n`);
      return 0;
    default:
      return await complain(`Unknown command verb '${command}'.`, 1);
  }
}

/** rc-service, rc-update and rc-status, where the distribution has OpenRC. */
export function openrcPrograms(machine: Machine): Record<string, Program> {
  const script = (name: string) => `/etc/init.d/${name}`;
  const service: Program = async (process) => {
    const [name = "", action = ""] = process.argv.slice(1).filter((word) => !word.startsWith("-"));
    if (machine.tree.find(script(name)) === undefined) {
      return await fail(process, `service \`${name}' does not exist`);
    }
    if (action === "status") {
      await process.out(` * status: ${machine.active.has(name) ? "started" : "stopped"}\n`);
      return machine.active.has(name) ? 0 : 3;
    }
    if (action === "stop") machine.active.delete(name);
    else machine.active.add(name);
    await process.out(` * ${action === "stop" ? "Stopping" : "Starting"} ${name} ... [ ok ]\n`);
    return 0;
  };
  const update: Program = async (process) => {
    const [action = "show", name = "", level = "default"] = process.argv.slice(1);
    const link = `/etc/runlevels/${level}/${name}`;
    if (action === "show") {
      await process.out(enabledUnits(machine).map((unit) => ` ${unit} | default\n`).join(""));
      return 0;
    }
    if (machine.tree.find(script(name)) === undefined) {
      return await fail(process, `service \`${name}' does not exist`);
    }
    machine.tree.mkdirs(`/etc/runlevels/${level}`);
    if (action === "add" && !machine.tree.find(link, false)) {
      machine.tree.insert(link, makeLink(script(name)));
    }
    if ((action === "del" || action === "delete") && machine.tree.find(link, false)) {
      machine.tree.remove(link, "file");
    }
    await process.out(
      ` * service ${name} ${action === "add" ? "added to" : "removed from"} runlevel ${level}\n`,
    );
    return 0;
  };
  return {
    "rc-service": service,
    "rc-update": update,
    "rc-status": async (process) => {
      await process.out([...machine.active].map((name) => ` ${name} [ started ]\n`).join(""));
      return 0;
    },
  };
}
