import { PxrunError } from "../../core/errors.ts";
import { readSshConfig, type SshConfig, type SshConfigWorld } from "./config.ts";
import type { SshTarget } from "../client/errors.ts";

/** Address of an SSH server and the route to it, with all its settings of ssh_config. */
export interface SshWay extends SshTarget {
  readonly config: SshConfig;
  /** The host that it is reached through. */
  readonly jump?: SshWay | undefined;
}

/** One jump host, as far as ProxyJump says. */
interface Hop {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
}

/**
 * Finds the hosts that ProxyJump names, each by its own entry in ssh_config, as
 * `ssh -J` does: the first one may have a ProxyJump of its own, the others are
 * reached through the one before.
 *
 * @param proxyJump `[user@]host[:port],…`
 * @param platform What reading ssh_config needs.
 * @param towards The names that lead here, to notice a circle.
 * @returns The last of them, which leads to the host itself.
 * @throws {PxrunError} FAILED when the names make no way.
 */
export async function findJump(
  proxyJump: string | undefined,
  platform: SshConfigWorld,
  towards: readonly string[],
): Promise<SshWay | undefined> {
  if (proxyJump === undefined) return undefined;
  let way: SshWay | undefined;
  for (const [index, text] of proxyJump.split(",").entries()) {
    const hop = parseHop(text.trim());
    if (towards.includes(hop.host)) throw circle([...towards, hop.host]);
    const config = await readSshConfig(hop.host, platform, hop);
    const before = index === 0
      ? await findJump(config.proxyJump, platform, [...towards, hop.host])
      : way;
    way = {
      host: config.hostname,
      port: config.port,
      user: hop.user ?? config.user ?? platform.self.user ?? "root",
      config,
      jump: before,
    };
  }
  return way;
}

function parseHop(text: string): Hop {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:(.*)@)?(?:\[([^\]]+)\]|([^:@[\]/]+))(?::(\d+))?\/?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || host.startsWith("-")) {
    throw new PxrunError("FAILED", `ProxyJump "${text}" (ssh_config) names no host`, {
      hint: "write [USER@]HOST[:PORT], several separated by commas; an IPv6 address in brackets",
    });
  }
  return { host, ...(port && { port: Number(port) }), ...(user && { user }) };
}

function circle(names: readonly string[]): PxrunError {
  return new PxrunError(
    "FAILED",
    `ProxyJump (ssh_config) leads in a circle: ${names.join(" through ")}`,
    { hint: `"Host ${names.at(-1)}" with "ProxyJump none", above the others, ends it` },
  );
}
