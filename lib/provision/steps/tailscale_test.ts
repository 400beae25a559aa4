import assert from "node:assert/strict";
import { Secret } from "../../core/secret.ts";
import { tailscaleStep, withJoinKey } from "./tailscale.ts";

const wish = { accept_routes: false, advertise_routes: [], shields_up: false, ephemeral: false };

Deno.test("tailscaleStep() writes networks as Tailscale does", () => {
  const { act } = tailscaleStep({ ...wish, advertise_routes: ["2001:DB8:0::/48", "10.0.0.0/8"] });
  assert.match(act, /--advertise-routes=2001:db8::\/48,10\.0\.0\.0\/8/);
  assert.match(act, /net\/ipv6\/conf\/all\/forwarding/);
  const ipv4 = tailscaleStep({ ...wish, advertise_routes: ["10.0.0.0/8"] });
  assert.doesNotMatch(ipv4.act, /ipv6/);
  assert.doesNotMatch(tailscaleStep(wish).act, /forward/);
});

Deno.test("tailscaleStep() refuses what would be read as something else", () => {
  for (
    const change of [{ hostname: "a b" }, { advertise_routes: ["10.0.0.0"] }, {
      advertise_routes: ["$(id)/8"],
    }]
  ) {
    assert.throws(() => tailscaleStep({ ...wish, ...change }), { code: "INVALID_RECIPE" });
  }
});

Deno.test("withJoinKey() makes the key a secret of the step, and of none before it", () => {
  const step = tailscaleStep(wish);
  const key = new Secret("tskey-auth-x");
  assert.deepEqual([step.secrets, withJoinKey(step, key).secrets], [[], [key]]);
  assert.ok(!withJoinKey(step, key).act.includes("tskey-auth-x"));
});
