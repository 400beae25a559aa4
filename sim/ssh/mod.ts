import { loadParser } from "../unix/shell/ast.ts";
import { NodeSystem } from "../node/system.ts";
import type { Cluster } from "../cluster/state/cluster.ts";
import { Faults } from "./faults.ts";
import { makeKeyPair } from "./keys.ts";
import { type NodeServer, startNodeServer } from "./server.ts";
import type { NodeArgv, SshCommand, SshServers, SshServersOptions, SshUser } from "./types.ts";

export type {
  NodeArgv,
  SshCommand,
  SshFault,
  SshNode,
  SshServers,
  SshServersOptions,
  SshUser,
} from "./types.ts";

/** Starts an SSH server for each node of a cluster, on free ports of the loopback interface. */
export async function startSshServers(
  cluster: Cluster,
  options: SshServersOptions = {},
): Promise<SshServers> {
  await loadParser();
  const { users = [], apiPort, certificatePem, lacking, onArrival } = options;
  const all: SshUser[] = [...users];
  if (!all.some(({ name }) => name === "root")) all.unshift({ name: "root" });
  const clientKey = makeKeyPair("pxrun simulator");
  const faults = new Faults();
  const commands: SshCommand[] = [];
  const argvs: NodeArgv[] = [];
  const seen = new Set<string>();
  const servers = new Map<string, NodeServer>();
  for (const node of cluster.nodes.keys()) {
    const system = new NodeSystem({
      cluster,
      node,
      users: all,
      certificatePem,
      lacking,
      onExec: (argv, variables) => {
        argvs.push({ node, argv });
        variables.forEach((variable) => seen.add(variable));
      },
    });
    const server = await startNodeServer({
      node,
      system,
      users: all,
      clientKey,
      faults,
      clock: cluster.clock,
      apiPort,
      onArrival,
      onCommand: (command) => commands.push(command),
    });
    servers.set(node, server);
  }
  let closing: Promise<void> | undefined;
  const close = () =>
    closing ??= Promise.all(Array.from(servers.values(), (server) => server.close()))
      .then(() => {});
  return {
    nodes: Object.fromEntries(Array.from(servers, ([node, { address }]) => [node, address])),
    user: "root",
    privateKey: clientKey.privateKey,
    commands,
    argvs,
    variables: seen,
    inject: (fault) => faults.inject(fault),
    close,
    [Symbol.asyncDispose]: close,
  };
}
