/** How long the other side may be silent, in milliseconds. */
export interface Timeouts {
  /** Until there is a connection, TCP and TLS or the SSH host's key together. */
  readonly connect: number;
  /** For the reply to a call that only reads, and that is then tried again. */
  readonly read: number;
  /** For the reply to a call that changes something. */
  readonly write: number;
  /** On an SSH connection, until it counts as lost. */
  readonly ssh: number;
  /** Until the login shell of a node, with its start-up files, has come to a command. */
  readonly shell: number;
}

/** What suits a line that works: a node asks another one for at most 30 s. */
export const usualTimeouts: Timeouts = {
  connect: 10_000,
  read: 35_000,
  write: 65_000,
  ssh: 60_000,
  shell: 20_000,
};
