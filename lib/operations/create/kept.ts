import { type ErrorJson, PxrunError } from "../../core/errors.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";

/** A container that is there although its create did not succeed. */
export interface Kept {
  readonly vmid: number;
  readonly node: string;
  readonly hostname: string;
}

/**
 * A create that failed once its container ran, which is there to look at and to go on
 * with. The code is that of the failure, which is the cause.
 *
 * @example Remove what is kept
 * ```ts
 * import {
 *   connect,
 *   ContainerKept,
 *   create,
 *   denoWorld,
 *   destroy,
 *   list,
 *   parseRecipe,
 *   plan,
 *   planDestroy,
 * } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const world = { ...denoWorld(), env: simulator.env() };
 * await using cluster = await connect(world);
 * const text = "{ container: { hostname: a, template: debian-13 }, " +
 *   "provisioning: { scripts: [{ content: exit 7 }] } }";
 * const recipe = parseRecipe(text, { file: "a.yaml", env: {} });
 * try {
 *   await create(cluster, await plan(cluster, recipe), { recipe });
 * } catch (error) {
 *   if (!(error instanceof ContainerKept)) throw error;
 *   assert.equal(error.kept.hostname, "a");
 *   await destroy(cluster, await planDestroy(cluster, error.kept.vmid));
 * }
 * assert.deepEqual(await list(cluster), []);
 * ```
 */
export class ContainerKept extends PxrunError {
  override readonly name = "ContainerKept";
  /** What is there. */
  readonly kept: Kept;

  /**
   * @param cause Why it could not be finished.
   * @param plan What was to be made.
   * @param vmid As what it was made.
   */
  constructor(cause: PxrunError, { hostname, file: source, placement }: CreatePlan, vmid: number) {
    const file = source === "stdin" ? "-" : source;
    super(cause.code, `${hostname} (${vmid}) is kept: ${cause.message}`, {
      cause,
      remedies: [{ kind: "kept", vmid, ...(file !== undefined && { file }) }],
    });
    this.kept = { vmid, node: placement.node, hostname };
  }

  /** The error as plain data, with the container. */
  override toJSON(): ErrorJson {
    return { ...super.toJSON(), kept: this.kept };
  }
}
