import type { Machine } from "../distro/machine.ts";
import { textOf, toByteString } from "../os/bytes.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { getentAccounts } from "./identity.ts";
import { fail, readOptions } from "./options.ts";
import { interfaces } from "./ip.ts";

/** An address for a name: from /etc/hosts, else made up once the resolver answers. */
function resolve(machine: Machine, process: Process, name: string): string | undefined {
  if (/^[\d.]+$/.test(name) || name.includes(":")) return name;
  const node = process.system.tree.find("/etc/hosts");
  const hosts = node?.kind === "file" ? textOf(node.data) : "";
  for (const line of hosts.split("\n")) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (names.includes(name)) return address;
  }
  if (!machine.around.namesResolve() || /(^|\.)(invalid|nosuch)$/.test(name)) return undefined;
  const sum = [...name].reduce((total, char) => (total * 31 + char.charCodeAt(0)) % 254, 7);
  return `198.51.100.${sum + 1}`;
}

async function getent(machine: Machine, process: Process): Promise<number> {
  const [database = "", ...names] = process.argv.slice(1);
  if (database === "passwd" || database === "group") return await getentAccounts(process);
  if (!["hosts", "ahosts", "ahostsv4", "ahostsv6"].includes(database)) {
    return await fail(process, `Unknown database: ${database}`, 1);
  }
  for (const name of names) {
    const address = resolve(machine, process, name);
    if (address === undefined) return 2;
    if (database === "hosts") {
      const shown = name === "localhost" ? "::1" : address;
      const aliases = name === "localhost" ? "localhost ip6-localhost ip6-loopback" : name;
      await process.out(`${shown.padEnd(15)} ${aliases}\n`);
    } else {
      for (const kind of ["STREAM", "DGRAM ", "RAW   "]) {
        await process.out(`${address.padEnd(15)} ${kind} ${kind === "STREAM" ? name : ""}\n`);
      }
    }
  }
  return 0;
}

async function hostname(machine: Machine, process: Process): Promise<number> {
  const { has, operands } = readOptions(process.argv.slice(1), {
    flags: "fsIida",
    valued: "F",
    long: "fqdn short all-ip-addresses ip-address",
  });
  if (operands.length > 0) return 0;
  if (has("I", "i", "all-ip-addresses")) {
    const addresses = interfaces(machine).filter(({ name }) => name !== "lo");
    await process.out(addresses.map(({ address }) => `${address.split("/")[0]} `).join("") + "\n");
    return 0;
  }
  await process.out(`${toByteString(machine.around.hostname())}\n`);
  return 0;
}

async function hostnamectl(machine: Machine, process: Process): Promise<number> {
  const [verb = "status", name] = process.argv.slice(1).filter((word) => !word.startsWith("-"));
  if (verb.startsWith("set-") || (verb === "hostname" && name !== undefined)) {
    await process.writeFile("/etc/hostname", `${name}\n`);
    return 0;
  }
  const own = toByteString(machine.around.hostname());
  await process.out(
    verb === "hostname" ? `${own}\n` : ` Static hostname: ${own}\n  Virtualization: lxc\n`,
  );
  return 0;
}

async function ping(machine: Machine, process: Process): Promise<number> {
  const { operands: [name = ""] } = readOptions(process.argv.slice(1), {
    flags: "nq46",
    valued: "cwWiI",
  });
  const address = resolve(machine, process, name);
  if (address === undefined) {
    return await fail(process, `${name}: Temporary failure in name resolution`, 2);
  }
  await process.out(
    `PING ${name} (${address}): 56 data bytes\n64 bytes from ${address}: seq=0 ttl=64 time=0.1 ms\n`,
  );
  return 0;
}

/** Programs about names, as they resolve at the time of asking. */
export function namePrograms(machine: Machine): Record<string, Program> {
  const lookup: Program = async (process) => {
    const name = process.argv.slice(1).find((word) => !word.startsWith("-")) ?? "";
    const address = resolve(machine, process, name);
    if (address === undefined) {
      return await fail(process, `can't resolve '${name}': Temporary failure in name resolution`);
    }
    await process.out(`Name:\t${name}\nAddress: ${address}\n`);
    return 0;
  };
  return {
    getent: (process) => getent(machine, process),
    hostname: (process) => hostname(machine, process),
    hostnamectl: (process) => hostnamectl(machine, process),
    ping: (process) => ping(machine, process),
    nslookup: lookup,
    host: lookup,
  };
}
