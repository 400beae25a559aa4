import type { Machine } from "../../distro/machine.ts";
import type { Process, Program } from "../../os/process.ts";
import { entriesOf, makeLink } from "../../os/tree.ts";
import { LeftOut } from "../../not_here.ts";
import { fail, readOptions } from "../options.ts";

const WANTS = "/etc/systemd/system/multi-user.target.wants";

/** The services that start with the container. */
export function enabledUnits(machine: Machine): string[] {
  const dir = machine.tree.find(
    machine.distro.family === "debian" ? WANTS : "/etc/runlevels/default",
  );
  if (dir?.kind !== "dir") return [];
  return [...entriesOf(dir).keys()].map((name) => name.replace(/\.service$/, ""));
}

/** systemctl, where the distribution has systemd. */
export function systemdPrograms(machine: Machine): Record<string, Program> {
  return { systemctl: (process) => systemctl(machine, process) };
}

async function systemctl(machine: Machine, process: Process): Promise<number> {
  const { operands: [command = "", ...units], has } = readOptions(process, {
    flags: "q",
    long: "now quiet",
  });
  if (command === "is-system-running") {
    await process.out("running\n");
    return 0;
  }
  let status = 0;
  for (const unit of units) {
    const name = unit.replace(/\.service$/, "");
    const act = () => onUnit(machine, process, command, name, has("now"), has("q", "quiet"));
    status = await act() || status;
  }
  return status;
}

async function onUnit(
  { active, tree }: Machine,
  process: Process,
  command: string,
  name: string,
  now: boolean,
  quiet: boolean,
): Promise<number> {
  const unit = `${name}.service`;
  const path = `/usr/lib/systemd/system/${unit}`;
  const link = `${WANTS}/${unit}`;
  const known = tree.find(path) !== undefined;
  if (command === "is-active") {
    if (!quiet) await process.out(active.has(name) ? "active\n" : "inactive\n");
    return active.has(name) ? 0 : known ? 3 : 4;
  }
  if (!known) {
    return await fail(process, `Failed to ${command} unit: Unit file ${unit} does not exist.`);
  }
  switch (command) {
    case "enable":
      if (!tree.find(link, false)) tree.insert(link, makeLink(path));
      if (now) active.add(name);
      return 0;
    case "start":
    case "restart":
    case "reload":
      active.add(name);
      return 0;
    case "stop":
      active.delete(name);
      return 0;
    default:
      throw new LeftOut(`systemctl ${command}`);
  }
}

/** rc-service and rc-update, where the distribution has OpenRC. */
export function openrcPrograms({ active, tree }: Machine): Record<string, Program> {
  const script = (name: string) => `/etc/init.d/${name}`;
  const there = (name: string) => tree.find(script(name)) !== undefined;
  const unknown = (process: Process, name: string) =>
    fail(process, `service \`${name}' does not exist`);
  return {
    "rc-service": async (process) => {
      const [name = "", action = ""] = process.argv.slice(1);
      if (!there(name)) return await unknown(process, name);
      if (action !== "start") throw new LeftOut(`rc-service ${action}`);
      active.add(name);
      await process.out(` * Starting ${name} ... [ ok ]\n`);
      return 0;
    },
    "rc-update": async (process) => {
      const [action = "", name = "", level = "default"] = process.argv.slice(1);
      if (!there(name)) return await unknown(process, name);
      if (action !== "add") throw new LeftOut(`rc-update ${action}`);
      const link = `/etc/runlevels/${level}/${name}`;
      tree.mkdirs(`/etc/runlevels/${level}`);
      if (!tree.find(link, false)) tree.insert(link, makeLink(script(name)));
      await process.out(` * service ${name} added to runlevel ${level}\n`);
      return 0;
    },
  };
}
