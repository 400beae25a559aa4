import { limits } from "../core/limits.ts";
import { Gone, OtherGuest, whileSame } from "../cluster/changes/same_guest.ts";
import { inPlace } from "../cluster/guests/where.ts";
import { commandLine, quote } from "../core/argv.ts";
import { PxrunError } from "../core/errors.ts";
import { within } from "../core/within.ts";
import type { Clock } from "../core/platform.ts";
import type { LxcConfig } from "../proxmox/api/nodes/lxc.ts";
import { classify } from "../proxmox/http/classify.ts";
import { Changed, Locked } from "../proxmox/http/errors.ts";
import { isBusy } from "../proxmox/retry_busy.ts";
import type { Undo } from "../run/undo.ts";
import type { ExecResult } from "../ssh/client/transport.ts";
import { type ActionContext, type ClusterModule, type Gids, targetOf } from "./context.ts";
import { freeGids, readGroups } from "./make_groups.ts";

/** Runs commands as root of a node. */
type RunAsRoot = (script: string, signal: AbortSignal | undefined) => Promise<ExecResult>;

/** An option that Proxmox takes from root@pam alone, whatever rights a token has. */
export interface RootOption {
  /** As Proxmox calls it: `mp0`, `dev0`, `features`, `hookscript`. */
  readonly name: string;
  /** Its value, without the gid of a group. */
  readonly value: string;
  /** The recipe's key that asks for it. */
  readonly path: string;
  /** The group inside the container whose gid is added. */
  readonly group?: string;
}

/** Options that only root@pam may set are set. */
export interface SetRootOptions {
  readonly kind: "set-root-options";
  readonly id: "options";
  readonly node: string;
  readonly vmid: number;
  readonly options: readonly RootOption[];
  /** True if groups that are missing inside are made later. */
  readonly makesGroups: boolean;
}

/** Reason why these do not go the way of all others. */
export const WHY_ROOT =
  "Proxmox takes bind mounts, devices, hookscripts and features from root@pam alone, " +
  "which no token is";

/** By one `pct set` over SSH on the node, before the container is started for the first time. */
export const setRootOptions: ClusterModule<SetRootOptions> = {
  describe: ({ vmid, options }) => ({
    title: `set ${options.map(({ name }) => name).join(", ")}`,
    by: "SSH",
    call: `pct set ${vmid}`,
    parameters: options.map(({ name, value, group }) =>
      `${name}=${value}${group === undefined ? "" : `,gid=<gid of ${group} inside>`}`
    ),
    why: WHY_ROOT,
  }),
  async run(action, context) {
    const set = async (): Promise<Gids> => await setOptions(action, context);
    context.groups = await inPlace(context.cluster, targetOf(context), set);
    return {};
  },
};

/** Gives the groups that devices were given to and that the container does not have yet. */
async function setOptions(action: SetRootOptions, context: ActionContext): Promise<Gids> {
  const { cluster, undo, signal } = context;
  const { options } = action;
  const { node, vmid } = targetOf(context);
  const { clock } = cluster.platform;
  const onOwn = ownContainer(context);
  const { user } = await cluster.route(node);
  const asRoot = user === "root" ? [] : ["sudo", "-n"];
  // Unmounting takes a new connection where the first one was lost.
  const run: RunAsRoot = async (script, ends) =>
    await (await cluster.ssh(node, ends)).exec("sh -s", { stdin: script, signal: ends });
  const groups = options.flatMap(({ group }) => group === undefined ? [] : [group]);
  const there = groups.length === 0
    ? new Map<string, number>()
    : await lookUpGroups({ clock, run, asRoot, vmid, undo, signal, onOwn });
  const missing = freeGids(groups, there);
  const [first] = missing.keys();
  if (first !== undefined && !action.makesGroups) {
    throw new PxrunError("NOT_FOUND", `the template has no group ${first}`, {
      hint: "give the device a gid instead of a group; or leave --no-start out, so that the " +
        "group can be made",
    });
  }
  const gids = new Map([...there, ...missing]);
  const words = [...asRoot, "pct", "set", String(vmid), ...optionWords(options, gids)];
  await onOwn(signal, async ({ config: { digest } }) => {
    const line = commandLine([...words, "--digest", digest]);
    const result = await run(`exec ${line} </dev/null\n`, signal);
    if (result.code !== 0) throw refused(result, vmid, { node, options, gids });
  });
  return missing;
}

/** Does something with the container that this run has made, and with no other. */
type OnOwn = <T>(
  signal: AbortSignal | undefined,
  act: (seen: { readonly config: LxcConfig }) => Promise<T>,
) => Promise<T>;

function ownContainer(context: ActionContext): OnOwn {
  const target = targetOf(context);
  return async (signal, act) => {
    // Nothing is waited for between the comparison and the command.
    await context.cluster.ssh(target.node, signal);
    const done = await whileSame(context.cluster, { ...target, signal }, act, {
      again: (error) => isBusy(error) || error instanceof Changed,
    });
    if (done === undefined) throw new Gone(target);
    return done.value;
  };
}

/** The value of an option, given the gids of groups inside the container. */
export function valueOf({ value, group }: RootOption, gids: Gids): string {
  const gid = group === undefined ? undefined : gids.get(group);
  return gid === undefined ? value : `${value},gid=${gid}`;
}

/** Options as words of a command line. */
function optionWords(
  options: readonly RootOption[],
  gids: ReadonlyMap<string, number>,
): string[] {
  return options.flatMap((option) => [`--${option.name}`, valueOf(option, gids)]);
}

interface Looking {
  readonly clock: Clock;
  readonly run: RunAsRoot;
  readonly asRoot: readonly string[];
  readonly vmid: number;
  readonly undo: Undo;
  readonly signal: AbortSignal | undefined;
  readonly onOwn: OnOwn;
}

/** The groups of a container that has never run: its root file system is mounted for a moment. */
async function lookUpGroups(
  { clock, run, asRoot, vmid, undo, signal, onOwn }: Looking,
): Promise<Gids> {
  const pct = (verb: string): string => commandLine([...asRoot, "pct", verb, String(vmid)]);
  const unmount = `${pct("unmount")} </dev/null >&2`;
  // What is mounted is locked, and could not be removed.
  const mounted = undo.add(`unmount container ${vmid}`, async (patience) => {
    await within(
      { clock, ms: limits.create.unmount, what: "unmounting", signal: patience },
      (late) => {
        const act = async (): Promise<void> => {
          assertNotLocked(await run(`${unmount}\n`, late), vmid);
        };
        return onOwn(late, act).catch((error) => {
          if (!(error instanceof OtherGuest || error instanceof Gone)) throw error;
        });
      },
    );
  }, { byHand: `on the node: pct unmount ${vmid}` });
  const script = `${pct("mount")} </dev/null >&2 || exit
cat ${quote(`/var/lib/lxc/${vmid}/rootfs/etc/group`)}
found=$?
${unmount} || ${unmount} || exit
exit $found
`;
  const result = await onOwn(signal, async () => {
    const looked = await run(script, signal);
    assertNotLocked(looked, vmid);
    return looked;
  });
  if (result.code !== 0) {
    const said = lastLine(result);
    throw new PxrunError("FAILED", `cannot look up groups in container ${vmid}: ${said}`, {
      hint: "give the device a gid instead of a group",
    });
  }
  mounted();
  return readGroups(new TextDecoder().decode(result.stdout));
}

/** Throws what is tried again, or names the lock. */
function assertNotLocked(result: ExecResult, vmid: number): void {
  if (result.code === 0) return;
  const known = classify({ request: `pct mount ${vmid}`, status: 500, text: lastLine(result) });
  if (known instanceof Locked) throw known;
}

function refused(
  result: ExecResult,
  vmid: number,
  { node, options, gids }: {
    readonly node: string;
    readonly options: readonly RootOption[];
    readonly gids: Gids;
  },
): PxrunError {
  const text = lastLine(result);
  const known = classify({ request: `pct set ${vmid} on ${node}`, status: 500, text });
  if (known instanceof Locked || known instanceof Changed) return known;
  // Proxmox names the option, or quotes what it does not like of its value.
  const named = options.filter((option) =>
    new RegExp(`\\b${option.name}\\b`).test(text) ||
    valueOf(option, gids).split(",").some((part) => part.length > 3 && text.includes(part))
  );
  const about = named.length > 0 ? named : options;
  const hint = known.hint ?? "the line above is Proxmox's own";
  return new PxrunError("FAILED", `pct set ${vmid} failed on ${node}: ${text}`, {
    hint: `${hint}; it is about ${about.map(({ path }) => path).join(", ")} of the recipe`,
  });
}

function lastLine({ stderr, code, signal }: ExecResult): string {
  const lines = new TextDecoder().decode(stderr).trim().split("\n")
    .filter((line) => !/^(pct set <vmid>|400 Parameter verification failed)/.test(line));
  return lines.filter((line) => line !== "").join("; ") || `it ended with ${code ?? signal}`;
}
