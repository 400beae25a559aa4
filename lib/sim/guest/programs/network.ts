import type { Machine } from "../distro/machine.ts";
import { textOf, toByteString } from "../os/bytes.ts";
import type { Process } from "../os/process.ts";
import type { Program } from "../os/system.ts";
import { getentAccounts } from "./identity.ts";
import { fail, readOptions } from "./options.ts";

/** Programs about names and addresses, as they are at the time of asking. */
export function networkPrograms(machine: Machine): Record<string, Program> {
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
    ip: (process) => ip(machine, process),
    ping: (process) => ping(machine, process),
    nslookup: lookup,
    host: lookup,
  };
}

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

interface Address {
  readonly name: string;
  readonly address: string;
}

function interfaces(machine: Machine): readonly Address[] {
  const up = machine.around.addresses();
  if (up.some(({ name }) => name === "lo")) return up;
  return [{ name: "lo", address: "127.0.0.1/8" }, { name: "lo", address: "::1/128" }, ...up];
}

async function ip(machine: Machine, process: Process): Promise<number> {
  const given = process.argv.slice(1);
  const flags = given.filter((word) => word.startsWith("-")).join(" ");
  const [object = "", ...rest] = given.filter((word) => !word.startsWith("-"));
  const names = rest.filter((word) =>
    !["show", "list", "dev", "scope", "global", "up"].includes(word)
  );
  if (/^r(oute)?$/.test(object)) return await route(machine, process);
  if (!/^(a|addr|address|l|link)$/.test(object)) {
    await process.err(`Object "${object}" is unknown, try "ip help".\n`);
    return 1;
  }
  const all = interfaces(machine);
  const [only] = names;
  const links = [...new Set(["lo", "eth0", ...all.map(({ name }) => name)])];
  if (only !== undefined && !links.includes(only)) {
    await process.err(`Device "${only}" does not exist.\n`);
    return 1;
  }
  const family = flags.includes("-4") ? "inet" : flags.includes("-6") ? "inet6" : undefined;
  const wanted = links.filter((name) => only === undefined || name === only).map((name) => ({
    name,
    index: links.indexOf(name) + 1,
    addresses: all.filter((one) => one.name === name).map(({ address }) => describe(name, address))
      .filter((one) => family === undefined || one.family === family)
      .filter((one) => !rest.includes("global") || one.scope === "global"),
  }));
  if (flags.includes("-j")) {
    await process.out(JSON.stringify(wanted.map(jsonOf)) + "\n");
    return 0;
  }
  for (const one of wanted) await process.out(flags.includes("-o") ? oneLine(one) : paragraph(one));
  return 0;
}

interface Link {
  readonly name: string;
  readonly index: number;
  readonly addresses: readonly ReturnType<typeof describe>[];
}

function describe(label: string, address: string): {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly label: string;
} {
  const [local = "", prefix = "32"] = address.split("/");
  const family = local.includes(":") ? "inet6" : "inet";
  const scope = label === "lo" ? "host" : local.startsWith("fe80:") ? "link" : "global";
  return { family, local, prefixlen: Number(prefix), scope, label };
}

function jsonOf({ name, index, addresses }: Link): unknown {
  return {
    ifindex: index,
    ...(name === "lo" ? {} : { link_index: index + 20 }),
    ifname: name,
    flags: name === "lo"
      ? ["LOOPBACK", "UP", "LOWER_UP"]
      : ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
    mtu: name === "lo" ? 65536 : 1500,
    qdisc: "noqueue",
    operstate: name === "lo" ? "UNKNOWN" : "UP",
    group: "default",
    txqlen: 1000,
    link_type: name === "lo" ? "loopback" : "ether",
    address: hardwareAddress(name),
    broadcast: name === "lo" ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff",
    ...(name === "lo" ? {} : { link_netnsid: 0 }),
    addr_info: addresses.map(({ label, ...one }) => ({
      ...one,
      ...(one.family === "inet" ? { label } : {}),
      valid_life_time: 4294967295,
      preferred_life_time: 4294967295,
    })),
  };
}

function hardwareAddress(name: string): string {
  return name === "lo"
    ? "00:00:00:00:00:00"
    : `bc:24:11:00:00:${name.replace(/\D/g, "").padStart(2, "0")}`;
}

function paragraph({ name, index, addresses }: Link): string {
  const flags = name === "lo" ? "LOOPBACK,UP,LOWER_UP" : "BROADCAST,MULTICAST,UP,LOWER_UP";
  const kind = name === "lo" ? "loopback" : "ether";
  return `${index}: ${name}: <${flags}> mtu 1500 qdisc noqueue state UP group default\n` +
    `    link/${kind} ${hardwareAddress(name)}\n` +
    addresses.map((one) =>
      `    ${one.family} ${one.local}/${one.prefixlen} scope ${one.scope} ${one.label}\n`
    ).join("");
}

function oneLine({ name, index, addresses }: Link): string {
  return addresses.map((one) =>
    `${index}: ${name}    ${one.family} ${one.local}/${one.prefixlen} scope ${one.scope} ${name}\n`
  ).join("");
}

async function route(machine: Machine, process: Process): Promise<number> {
  const address = machine.around.addresses().find((one) =>
    one.name !== "lo" && !one.address.includes(":")
  );
  if (address === undefined) return 0;
  const network = address.address.replace(/\.\d+\/\d+$/, "");
  await process.out(
    `default via ${network}.1 dev ${address.name}\n${network}.0/24 dev ${address.name} scope link\n`,
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
