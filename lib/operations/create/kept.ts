import { type ErrorJson, PxrunError } from "../../core/errors.ts";
import type { CreatePlan } from "../../plan/create_plan.ts";

/**
 * A container that is there although its create did not succeed.
 *
 * @category Errors
 */
export interface KeptContainer {
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
 *   CreateIncomplete,
 *   create,
 *   denoPlatform,
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
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * const text = "{ container: { hostname: a, template: debian-13 }, " +
 *   "provisioning: { scripts: [{ content: exit 7 }] } }";
 * const recipe = parseRecipe(text, { file: "a.yaml", env: {} });
 * try {
 *   await create(cluster, await plan(cluster, recipe), { recipe });
 * } catch (error) {
 *   if (!(error instanceof CreateIncomplete)) throw error;
 *   assert.equal(error.kept.hostname, "a");
 *   await destroy(cluster, await planDestroy(cluster, error.kept.vmid));
 * }
 * assert.deepEqual(await list(cluster), []);
 * ```
 *
 * @category Errors
 */
export class CreateIncomplete extends PxrunError {
  override readonly name = "CreateIncomplete";
  /** Contents. */
  readonly kept: KeptContainer;

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
