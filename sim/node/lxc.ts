import type { Program } from "../unix/os/process.ts";
import { readOptions } from "../unix/programs/options.ts";
import { interfacesView } from "../cluster/state/ct/network.ts";
import type { Ct } from "../cluster/state/cluster.ts";
import { attach } from "./attach.ts";
import type { NodeContext } from "./context.ts";

/** LXC's own commands, which Proxmox's are built on. */
export function lxcPrograms(context: NodeContext): Record<string, Program> {
  return {
    "lxc-attach": lxcAttach(context),
    "lxc-info": lxcInfo(context),
    "lxc-ls": async (process) => {
      const all = [...context.cluster.cts.values()].filter(({ node }) => node === context.node);
      await process.out(all.map(({ vmid }) => `${vmid}\n`).join(""));
      return 0;
    },
  };
}

function find({ cluster, node }: NodeContext, name: string | undefined): Ct | undefined {
  const ct = cluster.cts.get(Number(name));
  return ct?.node === node ? ct : undefined;
}

function lxcAttach(context: NodeContext): Program {
  return async (process) => {
    const { operands, value, values, has } = readOptions(process, {
      flags: "e",
      valued: "nvasugPlo",
      long: "clear-env keep-env quiet elevated-privileges version",
      longValued: "name set-var keep-var uid gid lxcpath logfile logpriority namespaces",
      stop: true,
    });
    if (has("version")) {
      await process.out("6.0.5\n");
      return 0;
    }
    const name = value("n", "name");
    if (name === undefined) {
      await process.err("lxc-attach: missing container name, use --name option\n");
      return 1;
    }
    const ct = find(context, name);
    if (ct?.status !== "running" || process.who.uid !== 0) {
      const reason = process.who.uid === 0 ? "Connection refused" : "Permission denied";
      const at = `lxc-attach: ${name}: ../src/lxc/attach.c:`;
      await process.err(
        `${at} get_attach_context: 406 ${reason} - Failed to get init pid\n` +
          `${at} lxc_attach: 1474 ${reason} - Failed to get attach context\n`,
      );
      return 1;
    }
    const given = values("v", "set-var").map((pair) => pair.split(/=([^]*)/, 2));
    const env = {
      ...(has("clear-env") ? {} : Object.fromEntries(process.env)),
      ...Object.fromEntries(given),
    };
    return await attach(process, ct, operands, env);
  };
}

function lxcInfo(context: NodeContext): Program {
  return async (process) => {
    const { value, operands, has } = readOptions(process, {
      flags: "sSpiH",
      valued: "nc",
      long: "state stats pid ips no-humanize",
      longValued: "name config",
    });
    const name = value("n", "name") ?? operands[0];
    const ct = find(context, name);
    if (ct === undefined) {
      await process.err(`${name} doesn't exist\n`);
      return 1;
    }
    const addresses = JSON.stringify(await interfacesView(context.cluster, ct) ?? []);
    const ips = [...addresses.matchAll(/"ip-address":"([^"]+)"/g)].map(([, ip]) => ip)
      .filter((ip) => ip !== "127.0.0.1" && ip !== "::1");
    const rows = [
      ["", "Name", name],
      ["s state", "State", ct.status.toUpperCase()],
      ...(ct.status === "running" ? [["p pid", "PID", String(ct.pid)]] : []),
      ...ips.map((ip) => ["i ips", "IP", ip]),
    ];
    const chosen = has("s", "state", "p", "pid", "i", "ips");
    const shown = rows.filter(([flags = ""]) => !chosen || has(...flags.split(" ")));
    const bare = has("H", "no-humanize");
    await process.out(
      shown.map(([, key = "", text]) => bare ? `${text}\n` : `${`${key}:`.padEnd(15)} ${text}\n`)
        .join(""),
    );
    return 0;
  };
}
