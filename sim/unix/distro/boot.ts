import { bytesOf, toByteString } from "../os/bytes.ts";
import { dirname, makeDevice, makeDir } from "../os/tree.ts";
import { enabledUnits } from "../programs/services/services.ts";
import type { Machine } from "./machine.ts";

/** Changes of a start: Proxmox writes the network's files, /run is empty, services run. */
export function boot(machine: Machine): void {
  const { tree, around } = machine;
  const write = (path: string, text: string) => tree.write(path, bytesOf(toByteString(text)));
  const name = around.hostname();
  write("/etc/hostname", `${name}\n`);
  write(
    "/etc/hosts",
    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n" +
      `# --- BEGIN PVE ---\n127.0.1.1\t${name}\n# --- END PVE ---\n`,
  );
  const config = around.config?.() ?? {};
  const servers = (config["nameserver"] ?? "10.0.0.1").split(/[\s,;]+/);
  const search = config["searchdomain"] === undefined ? "" : `search ${config["searchdomain"]}\n`;
  const lines = servers.map((server) => `nameserver ${server}\n`).join("");
  write("/etc/resolv.conf", `# --- BEGIN PVE ---\n${search}${lines}# --- END PVE ---\n`);
  write("/etc/network/interfaces", interfacesText(config));
  mount(machine, config);
  tree.root.entries.set("run", makeDir());
  machine.active.clear();
  for (const unit of enabledUnits(machine)) machine.active.add(unit);
  // As the templates have it: enabled where it is installed.
  if (machine.packages.has("openssh-server")) machine.active.add("ssh");
}

/** Mount points are directories, those of the node belong to nobody; devices are there. */
function mount({ tree }: Machine, config: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(config)) {
    const { mp, path = value.split(",")[0] ?? "", mode = "0660" } = fields(value);
    if (/^mp\d+$/.test(key) && mp !== undefined) {
      tree.mkdirs(toByteString(mp));
      const dir = tree.dir(toByteString(mp));
      if (value.startsWith("/")) dir.uid = dir.gid = 65534;
    }
    if (/^dev\d+$/.test(key) && tree.find(toByteString(path)) === undefined) {
      tree.mkdirs(dirname(toByteString(path)));
      tree.insert(toByteString(path), makeDevice("null", parseInt(mode, 8)));
    }
  }
}

function interfacesText(config: Readonly<Record<string, string>>): string {
  const nets = Object.entries(config).filter(([key]) => /^net\d+$/.test(key)).sort();
  const stanzas = nets.map(([, value]) => stanza(fields(value)));
  return ["auto lo\niface lo inet loopback\n", ...stanzas].join("\n") + "\n";
}

function fields(value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(value.split(",").map((part) => part.split("=", 2)));
}

function stanza({ name = "eth0", ip = "manual", gw }: Readonly<Record<string, string>>): string {
  const method = ip.includes("/") ? "static" : ip;
  const address = method === "static" ? `\taddress ${ip}\n` : "";
  const gateway = method === "static" && gw !== undefined ? `\tgateway ${gw}\n` : "";
  return `auto ${name}\niface ${name} inet ${method}\n${address}${gateway}`;
}
