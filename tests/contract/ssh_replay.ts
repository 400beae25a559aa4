import { Client } from "../../deps/ssh2.ts";
import type { ClientChannel } from "../../deps/ssh2.ts";
import { createGuest } from "../../sim/mod.ts";
import { makeCertificate } from "../../sim/certificate.ts";
import { callApi } from "../../sim/cluster/rest/call.ts";
import { startSshServers } from "../../sim/ssh/mod.ts";
import { type Cluster, type Timings } from "../../sim/cluster/state/cluster.ts";
import { ROOT } from "../../sim/cluster/state/who.ts";
import { makeCluster } from "../../sim/cluster/state/make.ts";
import { stopAllTasks, waitTask } from "../../sim/cluster/state/tasks.ts";
import { recordedNode } from "./recorded_node.ts";
import { sshDifferences, type SshOutcome } from "./ssh_compare.ts";
import { sshNames, type SshRecording } from "./ssh_recordings.ts";

const MILLISECONDS: Partial<Timings> = {
  createMs: 5,
  startMs: 5,
  stopMs: 5,
  destroyMs: 5,
  downloadMs: 5,
  otherMs: 5,
  linkMs: 0,
  dhcpMs: 0,
  dnsMs: 0,
  resourcesEveryMs: 0,
};

type Step = (cluster: Cluster) => Promise<void> | void;

/** What the recorder did over REST, or waited for, between two commands: by how the next begins. */
const BETWEEN: readonly (readonly [command: string, step: Step])[] = [
  ["pct stop 302", finishTasks],
  ["mkdir -p /srv/pxrun-data && pct set 400", create400],
  ["lxc-attach -n 400 --clear-env -- sh -s", start400],
];

/** The container that was made by REST before root-only options were set on it. */
async function create400(cluster: Cluster): Promise<void> {
  const upid = await callApi(cluster, ROOT, "POST", "/nodes/vm/lxc", {
    vmid: "400",
    ostemplate: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
    hostname: "ro",
    rootfs: "local:2",
    net0: "name=eth0,bridge=vmbr0,ip=dhcp",
    cores: "1",
    memory: "512",
    swap: "512",
    unprivileged: "1",
    features: "nesting=1",
    tags: "web;dev;pxrun-creating",
    description: "made by pxrun run=abc",
  });
  await waitTask(cluster, String(upid));
}

/** A create with `--start` ends before the start does. */
async function finishTasks(cluster: Cluster): Promise<void> {
  for (const task of cluster.tasks.values()) await task.done;
}

async function start400(cluster: Cluster): Promise<void> {
  if (cluster.cts.get(400)?.status === "running") return;
  const upid = await callApi(cluster, ROOT, "POST", "/nodes/vm/lxc/400/status/start", {});
  await waitTask(cluster, String(upid));
}

/** Sends recorded commands, in order, to a simulated node that begins as the recorded one did. */
export async function replaySsh(
  recordings: readonly SshRecording[],
): Promise<Map<string, string[]>> {
  const cluster = makeCluster(recordedNode(), { timings: MILLISECONDS, makeGuest: createGuest });
  const { pem, fingerprint } = await makeCertificate(["vm"]);
  cluster.fingerprint = fingerprint;
  await using servers = await startSshServers(cluster, { certificatePem: pem });
  const { host, port } = servers.nodes["vm"] ?? { host: "", port: 0 };
  const login = () => connect(host, port, servers.privateKey);
  const compared = new Map<string, string[]>();
  const client = await login();
  const names = sshNames(recordings);
  for (const [index, recording] of recordings.entries()) {
    const name = names[index] ?? "";
    for (const [command, step] of BETWEEN) {
      if (recording.command.startsWith(command)) await step(cluster);
    }
    const outcome = recording.exit === null
      ? await runAndKill(await login(), recording, () => servers.commands.length)
      : await run(client, recording);
    compared.set(name, sshDifferences(recording, outcome));
  }
  await disconnect(client);
  cluster.closing.abort(new Error("the replay ends"));
  await stopAllTasks(cluster);
  for (const ct of cluster.cts.values()) ct.guest?.stop();
  return compared;
}

/** Logs in to a simulated node as root. */
export function connect(host: string, port: number, privateKey: string): Promise<Client> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.on("connect", () => client.setNoDelay(true));
    client.on("ready", () => resolve(client));
    client.on("error", reject);
    client.connect({ host, port, username: "root", privateKey });
  });
}

/** Ends a login. */
export function disconnect(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.on("close", () => resolve());
    client.end();
  });
}

/** Runs a command; `use` gets its channel at once, before anything that it says. */
function open(
  client: Client,
  recording: SshRecording,
  use: (channel: ClientChannel) => void,
): Promise<void> {
  const pty = recording.ssh_options?.includes("-tt") ?? false;
  return new Promise((resolve, reject) => {
    client.exec(recording.command, { pty }, (error, channel) => {
      if (error) return reject(error);
      channel.on("error", () => {});
      channel.on("close", () => resolve());
      use(channel);
    });
  });
}

/** Runs a recorded command again. */
export async function run(client: Client, recording: SshRecording): Promise<SshOutcome> {
  const out = { stdout: "", stderr: "" };
  const decoders = [new TextDecoder(), new TextDecoder()] as const;
  let exit: number | null = null;
  await open(client, recording, (channel) => {
    channel.on("data", (chunk: Uint8Array) => {
      out.stdout += decoders[0].decode(chunk, { stream: true });
    });
    channel.stderr.on("data", (chunk: Uint8Array) => {
      out.stderr += decoders[1].decode(chunk, { stream: true });
    });
    channel.on("exit", (code: number | null) => {
      exit = code;
    });
    channel.end(recording.stdin ?? "");
  });
  return { exit, ...out };
}

/** Cuts the client off once the command runs, as the recorder did after some seconds. */
async function runAndKill(
  client: Client,
  recording: SshRecording,
  count: () => number,
): Promise<SshOutcome> {
  const before = count();
  const closed = open(client, recording, (channel) => void channel.resume());
  while (count() === before) await new Promise((resolve) => setTimeout(resolve, 1));
  await disconnect(client);
  await closed;
  return { exit: null, stdout: "", stderr: "" };
}
