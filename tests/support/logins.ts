import assert from "node:assert/strict";
import type { Env } from "../../lib/core/platform.ts";
import type { Simulator } from "../../sim/mod.ts";

/** A way to log in, as the environment that asks for it. */
export interface LoginCase {
  readonly name: "token" | "ticket" | "SSH alone";
  /** What is set beside, and instead of, what a simulator prints. */
  env(simulator: Simulator): Env;
}

const noToken = { PROXMOX_TOKEN_ID: undefined, PROXMOX_TOKEN_SECRET: undefined };

/** The ways to log in. */
export const logins: readonly LoginCase[] = [
  { name: "token", env: () => ({}) },
  {
    name: "ticket",
    env: (simulator) => ({
      ...noToken,
      PROXMOX_USER: "root",
      PROXMOX_PASSWORD: passwordOf(simulator, "root@pam"),
    }),
  },
  { name: "SSH alone", env: sshAlone },
];

function sshAlone(): Env {
  return { ...noToken, PROXMOX_FINGERPRINT: undefined };
}

/** The password that a user of the simulated cluster has. */
export function passwordOf({ cluster }: Simulator, user: string): string {
  const { password } = cluster.users.get(user) ?? {};
  assert.ok(password !== undefined);
  return password;
}

/** Remembers the secret of every token that is made from now on. */
export function rememberSecrets({ cluster }: Simulator): ReadonlySet<string> {
  const secrets = new Set<string>();
  const { tokens } = cluster;
  const set = tokens.set.bind(tokens);
  tokens.set = (id, token) => {
    secrets.add(token.secret);
    return set(id, token);
  };
  return secrets;
}

/** The names of the tokens that runs have made and not removed. */
export function runTokens({ cluster }: Simulator): string[] {
  return [...cluster.tokens.keys()].filter((id) => /^root@pam!pxrun-/.test(id));
}
