import type { Machine } from "../distro/machine.ts";
import type { Process } from "../os/process.ts";

/** An address and its interface. */
export interface Address {
  readonly name: string;
  readonly address: string;
}

/** The interfaces and addresses of the moment, lo included. */
export function interfaces(machine: Machine): readonly Address[] {
  const up = machine.around.addresses();
  if (up.some(({ name }) => name === "lo")) return up;
  return [{ name: "lo", address: "127.0.0.1/8" }, { name: "lo", address: "::1/128" }, ...up];
}

/** `ip addr` and `ip route`, as text, one line each, or JSON. */
export async function ip(machine: Machine, process: Process): Promise<number> {
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
