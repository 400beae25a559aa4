import type { DirNode } from "./os/tree.ts";

/** Streams and environment of a command inside a simulated container. */
export interface GuestIo {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Takes output; a promise holds the writer back until it resolves, or fails its write. */
  stdout(chunk: Uint8Array): void | Promise<void>;
  stderr(chunk: Uint8Array): void | Promise<void>;
  /** Aborted when the container stops. */
  readonly signal?: AbortSignal;
  /** Variables beside those that `--clear-env` leaves. */
  readonly env?: Readonly<Record<string, string>>;
  /** True if the streams are a terminal. */
  readonly terminal?: boolean;
  /** Called when no process inside holds the output any more; that may be after the exit. */
  closed?(): void;
}

/** A container that wants to join a tailnet. */
export interface TailnetJoin {
  readonly authKey: string;
  readonly hostname: string;
  readonly nodeKey: string;
}

/** Result of the tailnet. The join throws what the control server would say. */
export interface TailnetIdentity {
  /** In full: `web-1.example.ts.net`. */
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Cluster around a simulated container, at the time of asking. */
export interface GuestSurroundings {
  readonly vmid: number;
  hostname(): string;
  /** Interfaces with the addresses that are up now: `{name: "eth0", address: "10.99.0.100/24"}`. */
  addresses(): readonly { readonly name: string; readonly address: string }[];
  /** The container's configuration, for what Proxmox writes into the container at its start. */
  config?(): Readonly<Record<string, string>>;
  /** True if names resolve now: some time after the address is there. */
  namesResolve(): boolean;
  /** Control server that lets a container join a tailnet; absent: every auth key is accepted. */
  joinTailnet?(join: TailnetJoin): TailnetIdentity;
  /** To be called when a program inside made an interface that has no hardware address. */
  tunnel?(name: string, addresses: readonly string[]): void;
  /** To be called when the system has ended by itself: whoever is inside shut it down. */
  halted?(): void;
}

/** One interface as a container that really runs has it. */
export interface GuestLink {
  readonly name: string;
  readonly hwaddr: string;
  /** Addresses with their prefix. */
  readonly addresses: readonly string[];
}

/** The system inside one container: a file system and a shell of its own. */
export interface Guest {
  /** Runs a program as `lxc-attach --clear-env` does, without a shell; resolves to the exit status. */
  exec(argv: readonly string[], io: GuestIo): Promise<number>;
  read(path: string): Promise<Uint8Array | undefined>;
  write(path: string, data: Uint8Array, mode?: number): Promise<void>;
  /** The root directory, as `pct mount` shows it on the node. */
  root?(): DirNode;
  /** Boots what really runs. A failure is the start task's, its message lines of the log. */
  start?(): Promise<void>;
  /** Ends every process; the file system stays. */
  stop(): void | Promise<void>;
  /** Takes away what it has outside this process. */
  remove?(): Promise<void>;
  /** Interfaces of what really runs; absent where the cluster decides which addresses there are. */
  links?(): Promise<readonly GuestLink[]>;
  /** Every argv that was run inside, for tests that look for secrets. */
  readonly argvs: readonly (readonly string[])[];
  /** Every `NAME=value` that a program inside was started with; absent where nobody looks. */
  readonly variables?: ReadonlySet<string>;
}

/** Makes the system that a template unpacks to; `template` is the archive's file name. */
export type MakeGuest = (template: string, around: GuestSurroundings) => Promise<Guest>;
