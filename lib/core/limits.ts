/** One minute, hour and day in milliseconds, and one MiB in bytes. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 2 ** 20;

/**
 * Every time-out and count of pxrun, by what it is about. Times are in milliseconds, sizes in bytes
 * unless the comment says otherwise.
 */
export const limits = {
  /** Data from others that is kept in memory. What is streamed has no limit. */
  bytes: {
    /** A reply of the Proxmox API: 5,000 guests are 3 MiB. */
    reply: 64 * MIB,
    /** Output of a command on a node or in a container, where its caller takes all at once. */
    output: 8 * MIB,
    /** Output of a local program, such as sops. */
    program: 64 * MIB,
    /** A reply of Tailscale's API. */
    tailscale: 16 * MIB,
    /** A pipe or a device that is read as a file. */
    pipe: 64 * MIB,
    /** The keys of an address: more than any user has. */
    remoteKeys: 256 * 1024,
  },
  api: {
    /** Connections to one host: more would wait for a node's three workers anyway. */
    connections: 16,
    /** Tries of a request that only reads. */
    attempts: 4,
    /** The longest pause between two tries. */
    longestPause: 2_000,
    /** An API that was there and restarts. */
    restart: MINUTE,
    /** Tries while a configuration file is locked; Proxmox itself waits ten seconds each time. */
    busyTries: 3,
    busyPause: 500,
    /** Time during which a node and the list of the cluster may disagree. */
    agree: 5_000,
  },
  login: {
    /** A ticket ends after two hours; until then it serves as a password for the next one. */
    ticketRenewal: 90 * MINUTE,
    /** A wrong code is asked for again, but not until the account is locked. */
    codeTries: 3,
    /** After this the token of a login by SSH alone is worth nothing, whatever becomes of the run. */
    tokenLifetime: 4 * HOUR,
    makeToken: 30_000,
    /** Time by which the removal of the token may delay the end. */
    removeToken: 10_000,
    /** A read through pvesh. What starts a task takes as long as the task does. */
    pveshRead: MINUTE,
  },
  task: {
    /** Slow storage is slow; no task is given up before this. */
    longest: HOUR,
    /** Difference that the clocks of the client and of a node may have. */
    skew: 2 * MINUTE,
    /** Time for which a task is sought whose UPID was lost: a node may still be about to start it. */
    search: 10_000,
    /** Interval at which a task is asked to end: it does no harm to ask again. */
    stops: 3,
  },
  ssh: {
    /** A host where many log in at once closes some connections (MaxStartups). */
    loginTries: 3,
    /** The pause after a try, times their number. */
    loginPause: 200,
  },
  guest: {
    /** A script that only looks. */
    look: 20_000,
    /** A container that reboots itself is down for a moment. */
    reboot: 2_000,
    rebootLooks: 4,
    /** Time for which a lost connection is opened again. */
    reopen: MINUTE,
    /** Number of times that one script is started over: what ends every connection is no bad link. */
    losses: 3,
    /** Wait for a second channel before the first one is given up for it. */
    channel: 2_000,
    /** Ending a session: a little above its own patience. */
    ending: 20_000,
    /** Time that the last output may take once the script has ended. */
    drain: 1_000,
    /** Time that a node may take to enter for a command that is cancelled. */
    entering: 5_000,
    /** Time that the message may take that the node has come to the command. */
    onItsWay: 1_000,
  },
  provision: {
    /** All checks together. */
    checks: 2 * MINUTE,
    /** A slow mirror and a slow disk together. */
    packages: 30 * MINUTE,
  },
  create: {
    /** Number of other VMIDs that are tried if another client was quicker. */
    vmidTries: 20,
    /** Number of those that are simply the next free one. */
    nextVmids: 5,
    /** Number of waits for a lock that another task holds, each as long as Proxmox waits. */
    lockTries: 4,
    /** The pause before the next try, times their number. */
    lockPause: 1_000,
    /** Time by which a lock of another client may delay the undo. */
    undoLock: 30_000,
    groups: 30_000,
    unmount: 30_000,
    /** DHCP on a busy network can take its time. */
    address: 2 * MINUTE,
    /** Addresses besides the first that nothing has to give. */
    fixedAddress: 3_000,
    /** Time that an installed SSH server may take to listen. */
    sshServer: 5_000,
  },
  run: {
    /** Undoing everything. */
    rollBack: 3 * MINUTE,
    /** Time by which a marker may delay the end of a run. */
    marker: 30_000,
    /** Containers at once, unless --parallel says otherwise. */
    parallel: 8,
    /** Of these on one node: more would only wait for its disks and its locks. */
    perNode: 8,
  },
  cleanup: {
    /** Time for which a run that cannot be inspected from here may still be at work. */
    longestRun: 6 * HOUR,
    /** Time after its start until which a run's own changes may show. */
    ownWork: HOUR,
    /** Time for which a marker counts if nothing shows that its container was made then. */
    withoutProof: 7 * DAY,
  },
  doctor: {
    network: 5_000,
    leftovers: 20_000,
    /** Inspection of one node. */
    node: 20_000,
    /** Connecting and looking around by SSH. */
    ssh: 40_000,
    /** The same where the user types a passphrase. */
    typing: 5 * MINUTE,
  },
  prompts: {
    /** Time that an SSH agent may take to answer. */
    agent: 2_000,
    /** Time that a cluster may take to list what it offers. */
    offers: 10_000,
    /** Interval at which a watched list is read again. */
    watch: 2_000,
  },
  tailscale: { request: 30_000 },
  remoteKeys: { request: 30_000, redirects: 5 },
  /** After this nothing writes any more what it began. */
  host: { staleDraft: HOUR },
} as const;

/**
 * Silence of the other side that is tolerated, in milliseconds.
 *
 * @category Platform
 */
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

/** Limits for a working connection: a node asks another one for at most 30 s. */
export const usualTimeouts: Timeouts = {
  connect: 10_000,
  read: 35_000,
  write: 65_000,
  ssh: 60_000,
  shell: 20_000,
};
