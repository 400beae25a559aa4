import { sameInside } from "../cluster/changes/same_guest.ts";
import { enterable } from "../cluster/guests/reach.ts";
import { PxrunError } from "../core/errors.ts";
import { provision } from "../provision/engine.ts";
import { shellsAhead } from "../guest/resilient_session.ts";
import type { Step } from "../provision/step.ts";
import type { SshTransport } from "../ssh/client/transport.ts";
import { MACHINES_PAGE } from "../tailscale/pages.ts";
import { type ActionContext, type ClusterModule, type Session, targetOf } from "./context.ts";
import { bindNode } from "./tailnet/bind.ts";
import { leaveTailnet } from "./tailnet/leave.ts";

/** A provisioning step of the recipe runs. Its scripts are not part of a plan: they hold secrets. */
export interface Provision {
  readonly kind: "provision";
  /** The id of the step: `packages`, `files[0]`. */
  readonly id: string;
  readonly vmid: number;
  readonly title: string;
}

/** The id of the step that joins a tailnet. */
const TAILSCALE = "tailscale";

/** All steps run together: their checks are one script, and one session serves them. */
export const provisionStep: ClusterModule<Provision> = {
  describe: ({ vmid, title }) => ({
    title,
    by: "SSH",
    call: `lxc-attach -n ${vmid} --clear-env -- sh -s`,
    why: "the API cannot run commands inside a container",
  }),
  async *runAll(actions, context) {
    const { cluster, notes, durations, signal } = context;
    const steps = stepsOf(actions, context);
    const key = context.inside?.key;
    const target = targetOf(context);
    const way = context.session ?? await openSession(context, steps.length);
    const { sudo, same } = way;
    const inside = { clock: cluster.platform.clock, signal, sudo, same };
    const events = provision({
      ...inside,
      ...way,
      vmid: target.vmid,
      steps,
      reopen: (signal) => cluster.ssh(target.node, signal),
      complete: async (step) => await key?.complete(step) ?? step,
    });
    const open = (): Promise<SshTransport> => cluster.ssh(target.node, signal);
    let bound: string | undefined;
    const onJoin = (): void => {
      if (key === undefined || context.joins) return;
      context.joins = true;
      context.undo.add("take it out of the tailnet", async (patience) => {
        const again = (): Promise<SshTransport> => cluster.ssh(target.node, patience);
        const options = { ...inside, signal: patience, bound };
        await leaveTailnet(cluster, again, target.vmid, key, options);
      }, { byHand: MACHINES_PAGE });
    };
    for await (const event of events) {
      if (event.type === "step-done") {
        durations[event.step] = event.ms;
        if (event.notes) notes[event.step] = event.notes;
      }
      if (event.type === "step-started" && event.step === TAILSCALE) onJoin();
      yield event;
      const joined = event.type === "step-done" && event.step === TAILSCALE && event.changed;
      if (joined && key !== undefined) {
        bound = yield* bindNode(cluster, target, key, open, inside);
      }
    }
  },
};

/** Opens shells in the container for its first steps, so that they take no time later. */
export async function openSession(context: ActionContext, steps: number): Promise<Session> {
  const { vmid, node } = targetOf(context);
  const { ssh, sudo } = await enterable(context.cluster, { vmid, node }, context.signal);
  const same = sameInside(context.cluster, targetOf(context));
  const shells = shellsAhead(ssh, vmid, { sudo, same });
  // For the checks and the first scripts; the first step mostly is a wait that ends soon.
  shells.prepare(1 + Math.min(2, steps));
  return { ssh, sudo, same, shells };
}

/** The steps of the recipe that a plan names. */
function stepsOf(actions: readonly Provision[], { inside }: ActionContext): Step[] {
  return actions.map(({ id }) => {
    const step = inside?.steps.get(id);
    if (step === undefined) throw recipeNeeded(id);
    return step;
  });
}

/** A plan that was stored, or that belongs to another recipe. */
export function recipeNeeded(id?: string): PxrunError {
  const what = id === undefined ? "" : ` for ${id}`;
  return new PxrunError(
    "USAGE",
    `the plan needs its recipe${what}: scripts are not part of a plan`,
    {
      hint: "pass the recipe that the plan was made from: create(cluster, plan, { recipe })",
    },
  );
}
