import { demoPreset, type Preset, type Simulator } from "../../sim/mod.ts";

/** A cluster that pxrun has never been on. */
export function freshPreset(): Preset {
  const preset = demoPreset();
  const isRoot = (id: string): boolean => id.startsWith("root@pam");
  return {
    ...preset,
    users: preset.users.filter(({ id }) => isRoot(id)),
    tokens: preset.tokens.filter(({ id }) => isRoot(id)),
    roles: {},
    acls: [],
    pools: [],
  };
}

/** Everything in a cluster that a setup may change, as text. */
export function accounts({ cluster }: Simulator): string {
  return JSON.stringify({
    roles: Array.from(cluster.roles, ([name, privileges]) => [name, [...privileges]]),
    users: [...cluster.users.keys()],
    tokens: [...cluster.tokens.keys()],
    acls: cluster.acls,
    pools: [...cluster.pools.keys()],
  });
}

/** Where a simulator is and how SSH gets there, without any login. */
export function onlySsh(simulator: Simulator): Record<string, string | undefined> {
  return {
    PROXMOX_HOST: undefined,
    PROXMOX_TOKEN_ID: undefined,
    PROXMOX_TOKEN_SECRET: undefined,
    PROXMOX_FINGERPRINT: undefined,
    PXRUN_SSH_NODES: simulator.env()["PXRUN_SSH_NODES"],
  };
}
