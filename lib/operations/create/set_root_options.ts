import { commandLine, quote } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";
import { within } from "../../core/within.ts";
import type { Clock } from "../../core/world.ts";
import { classify } from "../../proxmox/http/classify.ts";
import { Changed, Locked } from "../../proxmox/http/errors.ts";
import type { LxcConfig } from "../../proxmox/api/nodes/lxc.ts";
import type { ExecResult } from "../../ssh/client/transport.ts";
import { freeGids, type Gids, readGroups } from "./guest_groups.ts";
import { isBusy } from "../../proxmox/retry_busy.ts";
import type { RootOption } from "../../plan/root_options.ts";
import { Gone, OtherGuest, whileSame } from "../../cluster/changes/same_guest.ts";
import type { Undo } from "../../run/undo.ts";
import type { Creating } from "./creating.ts";
import { ownTarget } from "./creating.ts";

/** How long unmounting may hold up an end, in milliseconds. */
const UNMOUNT_LIMIT = 30_000;

/** Runs commands as root of a node. */
type RunAsRoot = (script: string, signal: AbortSignal | undefined) => Promise<ExecResult>;

/**
 * Sets what only root@pam may set, by one `pct set` over SSH on the node. The container
 * must not have been started yet.
 *
 * @returns The groups that devices were given to and that the container does not have yet.
 * @throws {PxrunError} With the words of `pct`.
 */
export async function setRootOptions(
  creating: Creating,
  vmid: number,
): Promise<Gids> {
  const { cluster, plan, undo, signal } = creating;
  const { node } = plan.placement;
  const { clock } = cluster.world;
  const onOwn = ownContainer(creating);
  const { user } = await cluster.route(node);
  const asRoot = user === "root" ? [] : ["sudo", "-n"];
  // Unmounting takes a new connection where the first one was lost.
  const run: RunAsRoot = async (script, ends) =>
    await (await cluster.ssh(node, ends)).exec("sh -s", { stdin: script, signal: ends });
  const groups = plan.rootOptions.flatMap(({ group }) => group === undefined ? [] : [group]);
  const there = groups.length === 0
    ? new Map<string, number>()
    : await lookUpGroups({ clock, run, asRoot, vmid, undo, signal, onOwn });
  const missing = freeGids(groups, there);
  const [first] = missing.keys();
  if (first !== undefined && !plan.start) {
    throw new PxrunError("NOT_FOUND", `the template has no group ${first}`, {
      hint: "give the device a gid instead of a group; or leave --no-start out, so that the " +
        "group can be made",
    });
  }
  const gids = new Map([...there, ...missing]);
  const words = [...asRoot, "pct", "set", String(vmid), ...optionWords(plan.rootOptions, gids)];
  await onOwn(signal, async ({ config: { digest } }) => {
    const line = commandLine([...words, "--digest", digest]);
    const result = await run(`exec ${line} </dev/null\n`, signal);
    if (result.code !== 0) throw refused(result, vmid, { node, options: plan.rootOptions, gids });
  });
  return missing;
}

/** Does something with the container that this run has made, and with no other. */
type OnOwn = <T>(
  signal: AbortSignal | undefined,
  act: (seen: { readonly config: LxcConfig }) => Promise<T>,
) => Promise<T>;

function ownContainer(creating: Creating): OnOwn {
  const target = ownTarget(creating);
  return async (signal, act) => {
    // Nothing is waited for between the comparison and the command.
    await creating.cluster.ssh(target.node, signal);
    const done = await whileSame(creating.cluster, { ...target, signal }, act, {
      again: (error) => isBusy(error) || error instanceof Changed,
    });
    if (done === undefined) throw new Gone(target);
    return done.value;
  };
}

/** Options as words of a command line. */
function optionWords(
  options: readonly RootOption[],
  gids: ReadonlyMap<string, number>,
): string[] {
  return options.flatMap(({ name, value }) => [`--${name}`, value(gids)]);
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
    await within({ clock, ms: UNMOUNT_LIMIT, what: "unmounting", signal: patience }, (late) => {
      const act = async (): Promise<void> => {
        assertNotLocked(await run(`${unmount}\n`, late), vmid);
      };
      return onOwn(late, act).catch((error) => {
        if (!(error instanceof OtherGuest || error instanceof Gone)) throw error;
      });
    });
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
  const named = options.filter(({ name, value }) =>
    new RegExp(`\\b${name}\\b`).test(text) ||
    value(gids).split(",").some((part) => part.length > 3 && text.includes(part))
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
