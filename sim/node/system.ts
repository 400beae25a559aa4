import { fromByteString, toByteString } from "../unix/os/bytes.ts";
import { credentialsOf, findUser } from "../unix/os/accounts.ts";
import { OpenInput, OpenOutput } from "../unix/os/open_file.ts";
import { SIGNAL } from "../unix/os/signals.ts";
import { Kernel } from "../unix/os/kernel.ts";
import { FileTree } from "../unix/os/tree.ts";
import { stub } from "../unix/programs/mod.ts";
import type { Cluster } from "../cluster/state/cluster.ts";
import type { NodeUser } from "./context.ts";
import { nodePrograms } from "./programs.ts";
import { installNode } from "./rootfs.ts";

export { loadParser } from "../unix/shell/ast.ts";

/** Parts of a node's system. */
export interface NodeParts {
  readonly cluster: Cluster;
  readonly node: string;
  readonly users: readonly NodeUser[];
  readonly certificatePem?: string | undefined;
  /** Programs that it does not have. */
  readonly lacking?: readonly string[] | undefined;
  readonly onExec: (argv: readonly string[], variables: readonly string[]) => void;
}

/** One login: who, what, and the streams. */
export interface Login {
  readonly user: string;
  /** Absent: a login shell that reads its commands. */
  readonly command: string | undefined;
  readonly terminal: boolean;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: (chunk: Uint8Array) => void | Promise<void>;
  readonly stderr: (chunk: Uint8Array) => void | Promise<void>;
  /** Called when no process holds the output any more. */
  readonly closed: () => void;
}

/** A running login. */
export interface LoginProcess {
  readonly ended: Promise<{ readonly status: number; readonly signal: number | undefined }>;
  /** The connection is gone: what runs on the node ends, what runs in containers does not. */
  hangUp(): void;
  /** The exit status is sent: now the output may close. */
  release(): void;
}

/** The operating system of one node, apart from those of its containers. */
export class NodeSystem {
  readonly #system: Kernel;

  /** @param parts What it is made of. */
  constructor({ cluster, node, users, certificatePem, lacking = [], onExec }: NodeParts) {
    const tree = new FileTree();
    const context = { cluster, node, tree };
    const programs = nodePrograms(context, users);
    this.#system = new Kernel({
      tree,
      programs,
      fallback: stub,
      missing: (name) => `${name}: command not found`,
      onExec: (argv, env) => {
        const variables = Array.from(env, ([name, value]) => fromByteString(`${name}=${value}`));
        onExec(argv.map(fromByteString), variables);
      },
    });
    const installed = [...programs.keys()].filter((name) => !lacking.includes(name));
    installNode(context, installed, users, certificatePem);
  }

  /** Runs a command line in the login shell of a user, as sshd does. */
  login({ user, command, terminal, stdin, stdout, stderr, closed }: Login): LoginProcess {
    const system = this.#system;
    const account = findUser(system.tree, user);
    if (account === undefined) throw new TypeError(`the node has no user ${user}`);
    let open = 2;
    const onClose = () => --open === 0 && closed();
    const files = [
      new OpenInput(stdin, terminal),
      // Held until the exit status is out: it has to come before the end of the output.
      new OpenOutput(stdout, onClose, terminal).hold(),
      new OpenOutput(stderr, onClose, terminal).hold(),
    ];
    const { shell } = account;
    const argv = command === undefined ? [shell, "-l"] : [shell, "-c", toByteString(command)];
    const group = system.foreignGroup();
    const from = {
      cwd: account.home,
      env: new Map(Object.entries({
        SHELL: shell,
        PWD: account.home,
        LOGNAME: user,
        HOME: account.home,
        LANG: "C.UTF-8",
        USER: user,
        SSH_CLIENT: "127.0.0.1 40000 22",
        SSH_CONNECTION: "127.0.0.1 40000 127.0.0.1 22",
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      })),
      umask: 0o022,
      who: credentialsOf(system.tree, account),
      pgid: group,
      sid: group,
    };
    const fds = new Map(files.entries());
    const process = system.start(undefined, from, argv, (self) => system.become(self, argv), fds);
    return {
      ended: process.exited.then((status) => ({ status, signal: process.endedBy })),
      hangUp: () => {
        for (const one of [...system.processes.values()]) {
          if (one.sid === group) one.signal(SIGNAL.HUP);
        }
      },
      release: () => files.slice(1).forEach((file) => file.release()),
    };
  }

  /** Ends every process. */
  stop(): void {
    this.#system.stop();
  }
}
