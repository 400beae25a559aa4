/**
 * A fingerprint of what a plan does: two plans with the same actions have the same one, whenever
 * they were made and in whatever order their keys are written.
 *
 * @param plan A plan to create or destroy a container, also one that was stored as JSON.
 * @returns SHA-256 as 64 hexadecimal digits.
 *
 * @example A plan that was stored is still the same
 * ```ts
 * import { connect, denoPlatform, parseRecipe, plan, planHash } from "@pxrun/pxrun";
 * import { startSimulator } from "@pxrun/pxrun/sim";
 * import assert from "node:assert/strict";
 *
 * await using simulator = await startSimulator();
 * const platform = { ...denoPlatform(), env: simulator.env() };
 * await using cluster = await connect(platform);
 * const recipe = parseRecipe({ container: { hostname: "a", template: "debian-13" } });
 * const planned = await plan(cluster, recipe);
 * const stored = JSON.parse(JSON.stringify(planned));
 * assert.equal(await planHash(stored), await planHash(planned));
 * ```
 *
 * @category Plans
 */
export async function planHash(
  plan: { readonly actions: readonly unknown[] },
): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(plan.actions, sorted));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return digest.toHex();
}

/** The same value with the keys of objects in a settled order. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}
