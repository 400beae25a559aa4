import { commandLine } from "../../lib/core/argv.ts";
import type { SimulatorOptions } from "../../sim/mod.ts";
import { loadParser, NodeSystem } from "../../sim/node/system.ts";
import type { SshServers } from "../../sim/ssh/mod.ts";
import { run } from "../support/sshd.ts";
import type { LabNode } from "./node.ts";

type StartSsh = NonNullable<SimulatorOptions["startSsh"]>;

const client = new URL("client.pl", import.meta.url).pathname;
const commands = ["pct", "pvesh", "pveam", "pvesm", "pveum", "pvecm", "pveversion"];

/**
 * SSH to a node that is OpenSSH's: its sessions find the real lxc-attach, and Proxmox's commands,
 * which ask the front for all that is state.
 */
export function realSsh(node: LabNode): StartSsh {
  return async (cluster, { apiPort, certificatePem = "" } = {}) => {
    await loadParser();
    const system = new NodeSystem({
      cluster,
      node: node.name,
      users: [{ name: "root" }],
      certificatePem,
      onExec: () => {},
    });
    const front = serveCommands(node, system);
    await node.sh('cat >"$1"', [`/etc/pve/nodes/${node.name}/pve-ssl.pem`], certificatePem);
    await node.sh(
      'cat >/run/client; chmod 755 /run/client; for name; do ln -sf /run/client "/usr/local/sbin/$name"; done',
      commands,
      await Deno.readTextFile(client),
    );
    const api = `nft add rule ip nat output ip daddr 127.0.0.1 tcp dport 8006 dnat to 10.0.2.2:$1`;
    if (apiPort !== undefined) await node.sh(api, [`${apiPort}`]);
    const { hostKey, privateKey } = await startSshd(node);
    const port = await node.forward(22);
    const address = { host: "127.0.0.1", port, hostKey: `[127.0.0.1]:${port} ${hostKey}` };
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> =>
      closing ??= (async () => {
        await front.close();
        system.stop();
      })();
    const servers: SshServers = {
      nodes: { [node.name]: { ...address, publicKey: hostKey } },
      user: "root",
      privateKey,
      commands: [],
      argvs: [],
      variables: new Set(),
      inject: () => {
        throw new Error("nothing can be made to go wrong with a real sshd");
      },
      close,
      [Symbol.asyncDispose]: close,
    };
    return servers;
  };
}

/** Starts Debian's OpenSSH server on the node, with keys made for it. */
async function startSshd(node: LabNode): Promise<{ hostKey: string; privateKey: string }> {
  const keys = await Promise.all(["host", "client"].map(async (name) => {
    const file = `${node.directory}/${name}_key`;
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
    return [await Deno.readTextFile(file), await Deno.readTextFile(`${file}.pub`)] as const;
  }));
  const [[, hostKey] = ["", ""], [privateKey] = [""]] = keys;
  const config = [
    "HostKey /run/lab/host_key",
    "AuthorizedKeysFile /run/lab/client_key.pub",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "StrictModes no",
    "MaxStartups 100",
    "Subsystem sftp internal-sftp",
    "",
  ];
  await node.sh("cat >/run/sshd_config", [], config.join("\n"));
  await node.sh("/usr/sbin/sshd -f /run/sshd_config -E /run/sshd.log");
  return { hostKey: hostKey.trim(), privateKey };
}

/** Answers the commands of the node. */
function serveCommands(node: LabNode, system: NodeSystem): { close(): Promise<void> } {
  const listener = Deno.listen({ transport: "unix", path: `${node.directory}/front.sock` });
  const open = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const connection of listener) {
      const served = serve(connection, system).catch(() => {}).finally(() => open.delete(served));
      open.add(served);
    }
  })();
  return {
    async close() {
      listener.close();
      await accepting;
      // Their tasks end with the cluster, and they with their tasks.
      await Promise.all(open);
    },
  };
}

/** Runs one command; what it prints and its exit status go back in frames of a kind and a number. */
async function serve(connection: Deno.Conn, system: NodeSystem): Promise<void> {
  using _connection = connection;
  const length = new DataView((await read(connection, 4)).buffer).getUint32(0);
  const words = new TextDecoder().decode(await read(connection, length)).split("\0");
  let sent = Promise.resolve();
  const send = (kind: number, value: number, data = new Uint8Array()): Promise<void> =>
    sent = sent.then(async () => {
      const frame = new Uint8Array(5 + data.length);
      new DataView(frame.buffer).setUint8(0, kind);
      new DataView(frame.buffer).setUint32(1, value);
      frame.set(data, 5);
      for (let at = 0; at < frame.length;) at += await connection.write(frame.subarray(at));
    });
  const process = system.login({
    user: "root",
    command: commandLine(words),
    terminal: false,
    stdin: ReadableStream.from([]),
    stdout: (chunk) => send(1, chunk.length, new Uint8Array(chunk)),
    stderr: (chunk) => send(2, chunk.length, new Uint8Array(chunk)),
    closed: () => {},
  });
  // It sends no more; this ends when it is killed, or has its answer.
  const gone = connection.read(new Uint8Array(1)).catch(() => {}).then(() => process.hangUp());
  const { status } = await process.ended;
  process.release();
  await send(0, status).catch(() => {});
  await connection.closeWrite().catch(() => {});
  await gone;
}

async function read(connection: Deno.Conn, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await connection.read(data.subarray(at));
    if (count === null) throw new Error("the command is gone");
    at += count;
  }
  return data;
}
