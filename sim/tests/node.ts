import { callApi } from "../cluster/rest/call.ts";
import { demoPreset } from "../demo.ts";
import { createGuest } from "../unix/guest.ts";
import { loadParser } from "../unix/shell/ast.ts";
import { type Cluster, type Timings } from "../cluster/state/cluster.ts";
import { ROOT } from "../cluster/state/who.ts";
import { makeCluster } from "../cluster/state/make.ts";
import { stopAllTasks, waitTask } from "../cluster/state/tasks.ts";
import type { NodeUser } from "../node/context.ts";
import { NodeSystem } from "../node/system.ts";

/** Everything as quick as can be. */
export const QUICK: Partial<Timings> = {
  createMs: 2,
  startMs: 2,
  stopMs: 2,
  destroyMs: 2,
  downloadMs: 2,
  otherMs: 2,
  linkMs: 0,
  dhcpMs: 0,
  dnsMs: 0,
  resourcesEveryMs: 0,
  lockTimeoutMs: 20,
};

/** Result of a command on a node. */
export interface NodeRan {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The demo's first node, without SSH in front of it. */
export interface TestNode extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly system: NodeSystem;
  readonly argvs: readonly (readonly string[])[];
  /** Runs a command line in the login shell of a user. */
  run(command: string, stdin?: string, user?: string): Promise<NodeRan>;
}

/** A cluster for tests, with containers that have a system inside. */
export function testCluster(): Cluster {
  return makeCluster(demoPreset(), { timings: QUICK, makeGuest: createGuest });
}

/** Ends all that a test's cluster still does. */
export async function endCluster(cluster: Cluster): Promise<void> {
  cluster.closing.abort(new Error("the test ends"));
  await stopAllTasks(cluster);
  for (const ct of cluster.cts.values()) ct.guest?.stop();
}

/** Creates and starts a container on pve01. */
export async function startContainer(
  cluster: Cluster,
  vmid: number,
  hostname = "web",
): Promise<void> {
  const create = await callApi(cluster, ROOT, "POST", "/nodes/pve01/lxc", {
    vmid: String(vmid),
    hostname,
    ostemplate: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
    rootfs: "local-lvm:2",
    net0: "name=eth0,bridge=vmbr0,ip=dhcp",
    features: "nesting=1",
    unprivileged: "1",
  });
  await waitTask(cluster, String(create));
  const start = await callApi(cluster, ROOT, "POST", `/nodes/pve01/lxc/${vmid}/status/start`);
  await waitTask(cluster, String(start));
}

/** Makes a node for a test. */
export async function testNode(
  options: { readonly users?: readonly NodeUser[]; readonly certificatePem?: string } = {},
): Promise<TestNode> {
  await loadParser();
  const cluster = testCluster();
  const argvs: (readonly string[])[] = [];
  const system = new NodeSystem({
    cluster,
    node: "pve01",
    users: options.users ?? [{ name: "root" }],
    certificatePem: options.certificatePem,
    onExec: (argv) => argvs.push(argv),
  });
  return {
    cluster,
    system,
    argvs,
    run: (command, stdin = "", user = "root") => run(system, command, stdin, user),
    [Symbol.asyncDispose]: async () => {
      system.stop();
      await endCluster(cluster);
    },
  };
}

async function run(
  system: NodeSystem,
  command: string,
  stdin: string,
  user: string,
): Promise<NodeRan> {
  const decoder = new TextDecoder();
  const ran = { out: "", err: "" };
  const process = system.login({
    user,
    command,
    terminal: false,
    stdin: ReadableStream.from(stdin === "" ? [] : [new TextEncoder().encode(stdin)]),
    stdout: (chunk) => void (ran.out += decoder.decode(chunk)),
    stderr: (chunk) => void (ran.err += decoder.decode(chunk)),
    closed: () => {},
  });
  const { status } = await process.ended;
  process.release();
  return { code: status, ...ran };
}
