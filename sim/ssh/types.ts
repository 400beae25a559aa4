import type { OnArrival } from "../arrival.ts";

/** A user that may log in to the nodes. */
export interface SshUser {
  readonly name: string;
  /** True if `sudo -n` works without a password; root needs none. */
  readonly sudo?: boolean;
  /** Accepted beside the key. */
  readonly password?: string;
}

/**
 * Faults of SSH that can be injected.
 *
 * - `refuse`: connections are closed before a word is said
 * - `drop-exec`: the connection ends at the `at`-th command instead of running it
 * - `drop-packet`: the connection ends at the `at`-th piece of data from the client
 * - `delay`: each command starts `ms` later
 * - `start-up-prints`: the start-up files of the login shell print `text` on both streams
 * - `start-up-hangs`: they never come to the command
 */
export interface SshFault {
  readonly name:
    | "refuse"
    | "drop-exec"
    | "drop-packet"
    | "delay"
    | "start-up-prints"
    | "start-up-hangs";
  /** Absent: on every node. */
  readonly node?: string;
  /** Counted from 1, from the moment of injection. */
  readonly at?: number;
  readonly ms?: number;
  readonly text?: string;
}

/** One command that came over SSH, without what a client puts around it for the login shell. */
export interface SshCommand {
  readonly node: string;
  readonly user: string;
  readonly command: string;
  /** Number of bytes that it was sent on standard input. */
  stdin: number;
  /** The terminal that it has now: `xterm 80x24`. */
  window?: string;
}

/** One argument vector that was run on a node. */
export interface NodeArgv {
  readonly node: string;
  readonly argv: readonly string[];
}

/** Port of a node, and its host key. */
export interface SshNode {
  readonly host: string;
  readonly port: number;
  /** The line that known_hosts needs. */
  readonly hostKey: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
}

/** Options for starting the servers. All of it may be left out. */
export interface SshServersOptions {
  /** Users beside root; also root with a password. */
  readonly users?: readonly SshUser[];
  /** Port to which 127.0.0.1:8006 of each node is forwarded. */
  readonly apiPort?: number;
  /** The certificate of the API, as /etc/pve/local/pve-ssl.pem. */
  readonly certificatePem?: string;
  /** Programs that the nodes do not have: `pct`. */
  readonly lacking?: readonly string[];
  readonly onArrival?: OnArrival | undefined;
}

/** The running servers, one per node. */
export interface SshServers extends AsyncDisposable {
  readonly nodes: Readonly<Record<string, SshNode>>;
  readonly user: "root";
  /** The one client key that is accepted, as OpenSSH writes it. */
  readonly privateKey: string;
  /** Every command line so far. */
  readonly commands: readonly SshCommand[];
  /** Every argument vector that ran on a node. */
  readonly argvs: readonly NodeArgv[];
  /** Every `NAME=value` that a program on a node was started with. */
  readonly variables: ReadonlySet<string>;
  /** Lets something go wrong from now on; the function given back ends it. */
  inject(fault: SshFault): () => void;
  /** Ends the servers, their connections and all that runs on the nodes. Safe to call twice. */
  close(): Promise<void>;
}
