import { bytesOf, toByteString } from "../unix/os/bytes.ts";
import { writeGroups, writeUsers } from "../unix/os/accounts.ts";
import { binary } from "../unix/os/kernel.ts";
import {
  type FileTree,
  makeDevice,
  makeDir,
  makeLink,
  makeVirtualDir,
  makeVirtualFile,
  type Node,
} from "../unix/os/tree.ts";
import type { NodeContext, NodeUser } from "./context.ts";

/** File in which a node keeps the index of templates; its time is that of the last `pveam update`. */
export const TEMPLATE_INDEX = "/var/lib/pve-manager/apl-info/download.proxmox.com";

/** Fills the file tree of a node. */
export function installNode(
  context: NodeContext,
  programs: Iterable<string>,
  users: readonly NodeUser[],
  certificatePem: string | undefined,
): void {
  const { tree, cluster, node } = context;
  for (
    const dir of [
      "etc",
      "root",
      "home",
      "usr/bin",
      "usr/sbin",
      "var/log",
      "var/lib/vz",
      "mnt",
      "srv",
      "run",
      "dev/net",
    ]
  ) {
    tree.mkdirs(`/${dir}`);
  }
  tree.insert("/tmp", makeDir(0o1777));
  for (const dir of ["bin", "sbin"]) tree.insert(`/${dir}`, makeLink(`usr/${dir}`));
  for (const name of programs) {
    tree.write(`/usr/bin/${name}`, binary(name), 0o755);
  }
  tree.insert("/usr/bin/sh", makeLink("dash"));
  writeAccounts(tree, users);
  const write = (path: string, text: string) => tree.write(path, bytesOf(toByteString(text)));
  write("/etc/hostname", `${node}\n`);
  write("/etc/hosts", `127.0.0.1 localhost\n${cluster.nodes.get(node)?.ip} ${node}\n`);
  write(
    "/etc/os-release",
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n',
  );
  write(
    "/etc/resolv.conf",
    (cluster.nodes.get(node)?.dns ?? []).map((ip) => `nameserver ${ip}\n`).join(""),
  );
  for (const device of ["null", "zero", "full", "urandom", "tty"] as const) {
    tree.insert(`/dev/${device}`, makeDevice(device));
  }
  tree.insert("/dev/fd", makeLink("/proc/self/fd"));
  for (const device of ["/dev/fuse", "/dev/net/tun"]) tree.insert(device, makeDevice("null"));
  write(TEMPLATE_INDEX, "");
  mountPve(context, certificatePem);
  joinPaths(context);
}

function writeAccounts(tree: FileTree, users: readonly NodeUser[]): void {
  const shell = "/bin/bash";
  const others = users.filter(({ name }) => name !== "root");
  writeUsers(tree, [
    { name: "root", uid: 0, gid: 0, gecos: "root", home: "/root", shell },
    ...others.map(({ name }, index) => ({
      name,
      uid: 1000 + index,
      gid: 1000 + index,
      gecos: "",
      home: `/home/${name}`,
      shell,
    })),
  ]);
  writeGroups(tree, [
    { name: "root", gid: 0, members: [] },
    ...others.map(({ name }, index) => ({ name, gid: 1000 + index, members: [] })),
  ]);
  others.forEach(({ name }, index) => {
    tree.mkdirs(`/home/${name}`);
    const home = tree.dir(`/home/${name}`);
    home.uid = home.gid = 1000 + index;
  });
}

/** /etc/pve: what the cluster file system shows. */
function mountPve({ tree, cluster, node }: NodeContext, certificatePem: string | undefined): void {
  const file = (text: () => string) => makeVirtualFile(() => bytesOf(toByteString(text())), 0o640);
  const storages = () =>
    [...cluster.storages.values()].map(({ type, id, path, content }) =>
      `${type}: ${id}\n` + (path === undefined ? "" : `\tpath ${path}\n`) +
      `\tcontent ${content.join(",")}\n`
    ).join("\n");
  const configs = () =>
    new Map<string, Node>(
      [...cluster.cts.values()].filter((ct) => ct.node === node).map((ct) => [
        `${ct.vmid}.conf`,
        file(() =>
          Object.entries(ct.config).sort().map(([key, value]) => `${key}: ${value}\n`).join("")
        ),
      ]),
    );
  const lxc = makeVirtualDir(configs);
  tree.mkdirs(`/etc/pve/nodes/${node}`);
  tree.insert(`/etc/pve/nodes/${node}/lxc`, lxc);
  tree.insert("/etc/pve/local", makeLink(`nodes/${node}`));
  tree.insert("/etc/pve/lxc", makeLink(`nodes/${node}/lxc`));
  tree.insert("/etc/pve/storage.cfg", file(storages));
  if (certificatePem !== undefined) {
    tree.write(`/etc/pve/nodes/${node}/pve-ssl.pem`, bytesOf(certificatePem), 0o640);
  }
}

/** Directories made on the node can be mounted into its containers. */
function joinPaths({ tree, cluster, node }: NodeContext): void {
  const simNode = cluster.nodes.get(node);
  if (simNode === undefined) return;
  const known = simNode.pathExists;
  simNode.pathExists = (path) => known(path) || tree.find(toByteString(path)) !== undefined;
}
