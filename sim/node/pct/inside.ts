import { fromByteString, toByteString } from "../../unix/os/bytes.ts";
import { Errno } from "../../unix/os/errno.ts";
import { dirname } from "../../unix/os/tree.ts";
import { failed } from "../../cluster/state/error.ts";
import { findCt } from "../../cluster/state/ct/ct.ts";
import type { Ct } from "../../cluster/state/cluster.ts";
import { attach, runQuietly } from "../attach.ts";
import { CliError } from "../cli.ts";
import type { PctCall, PctCommand } from "./command.ts";

const TEXT = { type: "string", optional: true } as const;
const FLAG = { type: "boolean", optional: true } as const;

function running({ context, vmid }: PctCall, message: string): Ct {
  const ct = findCt(context.cluster, context.node, Number(vmid));
  if (ct.status !== "running") throw failed(message);
  return ct;
}

/** Environment that a command inside inherits (default: all of the caller's variables). */
function environment({ process, options }: PctCall): Record<string, string> {
  if (options["keep-env"] === "0") return {};
  const kept = Array.from(
    process.env,
    ([name, value]) => [fromByteString(name), fromByteString(value)],
  );
  return { ...Object.fromEntries(kept), PATH: "/sbin:/bin:/usr/sbin:/usr/bin" };
}

const exec: PctCommand = {
  usage: "<vmid> [<extra-args>] [OPTIONS]",
  options: { "keep-env": FLAG },
  run: async (pct) => {
    const ct = running(pct, `container '${pct.vmid}' not running!`);
    if (pct.rest.length === 0) {
      throw new CliError("missing command at /usr/share/perl5/PVE/CLI/pct.pm line 246.\n");
    }
    return await attach(pct.process, ct, pct.rest.map(toByteString), environment(pct));
  },
};

const enter: PctCommand = {
  usage: "<vmid> [OPTIONS]",
  options: { "keep-env": FLAG },
  run: async (pct) => {
    const ct = running(pct, `container '${pct.vmid}' not running!`);
    const passwd = new TextDecoder().decode(await ct.guest?.read("/etc/passwd"));
    const shell = /^root:.*:([^:\n]+)$/m.exec(passwd)?.[1] ?? "/bin/sh";
    return await attach(pct.process, ct, [shell], environment(pct));
  },
};

/** `push` says what failed, and still exits with 0. */
const push: PctCommand = {
  usage: "<vmid> <file> <destination> [OPTIONS]",
  options: { perms: TEXT, user: TEXT, group: TEXT },
  run: async (pct) => {
    const { process, options, rest: [file = "", destination = ""] } = pct;
    const { guest, ...ct } = running(pct, "can only push files to a running CT");
    const complain = async (text: string) => {
      await process.err(toByteString(`${text}\n`));
      return 0;
    };
    let data: Uint8Array;
    try {
      data = await process.readFile(toByteString(file));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return await complain(`failed to open ${file} for reading`);
    }
    const inside = { ...ct, guest };
    if (await runQuietly(inside, ["test", "-d", dirname(destination)]) !== 0) {
      return await complain(`failed to create file: ${destination}: No such file or directory`);
    }
    await guest?.write(destination, data, parseInt(options["perms"] ?? "0644", 8));
    const owner = `${options["user"] ?? "0"}:${options["group"] ?? "0"}`;
    if (await runQuietly(inside, ["chown", owner, destination]) !== 0) {
      return await complain(`failed to change owner of ${destination} to ${owner}`);
    }
    return 0;
  },
};

/** `pull`, as forgiving as `push`. */
const pull: PctCommand = {
  usage: "<vmid> <path> <destination> [OPTIONS]",
  options: { perms: TEXT, user: TEXT, group: TEXT },
  run: async (pct) => {
    const { process, rest: [path = "", destination = ""] } = pct;
    const { guest } = running(pct, "can only pull files from a running CT");
    const data = await guest?.read(path);
    if (data === undefined) {
      await process.err(toByteString(`failed to open ${path}: No such file or directory\n`));
      return 0;
    }
    try {
      await process.writeFile(toByteString(destination), data);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      await process.err(toByteString(`failed to open ${destination} for writing\n`));
    }
    return 0;
  },
};

/** Subcommands that reach into a running container. */
export const INSIDE: Readonly<Record<string, PctCommand>> = { exec, enter, push, pull };
