import { X509Certificate } from "node:crypto";
import { Buffer } from "node:buffer";
import { credentialsOf, findUser } from "../unix/os/accounts.ts";
import { Errno } from "../unix/os/errno.ts";
import type { Program } from "../unix/os/process.ts";
import { getentAccounts } from "../unix/programs/accounts/identity.ts";
import { fail, readOptions } from "../unix/programs/options.ts";
import type { NodeContext, NodeUser } from "./context.ts";

const openssl: Program = async (process) => {
  const words = process.argv.slice(1);
  const at = words.indexOf("-in");
  const file = at < 0 ? "/dev/stdin" : words[at + 1] ?? "";
  if (words[0] !== "x509" || !words.includes("-fingerprint")) {
    return await fail(process, `Error: '${words[0] ?? ""}' is an invalid command.`);
  }
  try {
    const { fingerprint, fingerprint256 } = new X509Certificate(
      Buffer.from(await process.readFile(file)),
    );
    await process.out(
      words.includes("-sha256")
        ? `sha256 Fingerprint=${fingerprint256}\n`
        : `SHA1 Fingerprint=${fingerprint}\n`,
    );
    return 0;
  } catch (error) {
    const reason = error instanceof Errno ? `: ${error.message}` : "";
    await process.err(`Could not open file or uri for loading certificate from ${file}${reason}\n`);
    return 1;
  }
};

/** `sudo -n`: as another user, without ever asking for a password. */
function sudo(users: readonly NodeUser[]): Program {
  return async (process) => {
    const { tree } = process.system;
    const { operands, value } = readOptions(process, {
      flags: "nHEiSk",
      valued: "ugCp",
      long: "non-interactive set-home preserve-env login",
      longValued: "user group",
      stop: true,
    });
    const caller = users.find(({ name }) => findUser(tree, name)?.uid === process.who.uid);
    if (process.who.uid !== 0 && caller?.sudo !== true) {
      await process.err("sudo: a password is required\n");
      return 1;
    }
    const target = findUser(tree, value("u", "user") ?? "root");
    if (target === undefined) return await fail(process, `unknown user ${value("u", "user")}`);
    const words = [...operands];
    for (let word; (word = words[0])?.match(/^\w+=/);) {
      const at = word?.indexOf("=") ?? 0;
      process.env.set(word?.slice(0, at) ?? "", word?.slice(at + 1) ?? "");
      words.shift();
    }
    process.who = credentialsOf(tree, target);
    for (const name of ["USER", "LOGNAME"]) process.env.set(name, target.name);
    process.env.set("HOME", target.home);
    try {
      return await process.system.become(process, words);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return await fail(process, `${words[0]}: command not found`);
    }
  };
}

/** Programs of the node that are not about containers. */
export function hostPrograms(
  { cluster, node }: NodeContext,
  users: readonly NodeUser[],
): Record<string, Program> {
  const { version, repoid } = cluster.version;
  return {
    openssl,
    ...(users.length > 1 ? { sudo: sudo(users) } : {}),
    hostname: async (process) => {
      await process.out(
        process.argv.includes("-I") || process.argv.includes("-i")
          ? `${cluster.nodes.get(node)?.ip}\n`
          : `${node}\n`,
      );
      return 0;
    },
    getent: async (process) => {
      const [database, ...names] = process.argv.slice(1);
      if (database === "passwd" || database === "group") return await getentAccounts(process);
      for (const name of names) {
        const ip = name === "localhost" ? "127.0.0.1" : cluster.nodes.get(name)?.ip;
        if (ip === undefined) return 2;
        await process.out(`${ip.padEnd(15)} ${name}\n`);
      }
      return 0;
    },
    pveversion: async (process) => {
      const verbose = /^(-v|--verbose)$/.test(process.argv[1] ?? "");
      const manager = `pve-manager/${version}/${repoid} (running kernel: 6.14.8-2-pve)`;
      await process.out(
        verbose
          ? `proxmox-ve: ${version.split(".")[0]}.0.0 (running kernel: 6.14.8-2-pve)\n` +
            `pve-manager: ${version} (running version: ${version}/${repoid})\n` +
            "lxc-pve: 6.0.5-3\nlxcfs: 6.0.4-pve1\npve-container: 6.1.10\n"
          : `${manager}\n`,
      );
      return 0;
    },
    pvecm: async (process) => {
      if (cluster.name === undefined) {
        await process.err(
          "Error: Corosync config '/etc/pve/corosync.conf' does not exist - is this node part of a cluster?\n",
        );
        return 2;
      }
      await process.out(
        `Cluster information\n-------------------\nName:             ${cluster.name}\n`,
      );
      return 0;
    },
  };
}
