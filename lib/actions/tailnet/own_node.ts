import { limits } from "../../core/limits.ts";
import { PxrunError } from "../../core/errors.ts";
import type { Clock } from "../../core/platform.ts";
import type { Access } from "../../guest/enter.ts";
import { runInGuest } from "../../guest/session.ts";
import type { SshTransport } from "../../ssh/client/transport.ts";
import { look } from "../../cluster/guests/reach.ts";

/** A container as it sees itself in a tailnet. */
export interface OwnNode {
  /** In full: `web-1.example.ts.net`. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly nodeKey: string;
}

/** Options for the inspection. */
export interface LookOptions extends Access {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Asks Tailscale inside a running container who it is; undefined where it has joined nothing. */
export async function readOwnNode(
  ssh: SshTransport,
  vmid: number,
  options: LookOptions,
): Promise<OwnNode | undefined> {
  const script = "command -v tailscale >/dev/null 2>&1 || exit 0\n" +
    "tailscale status --json --peers=false 2>/dev/null\nexit 0\n";
  const { stdout } = await runInGuest(ssh, vmid, script, {
    ...options,
    timeout: limits.guest.look,
  });
  return parseStatus(new TextDecoder().decode(stdout));
}

/**
 * The same for the last word of a run that went well: that Tailscale is too busy to answer, or that
 * nothing gets through any more, is no reason to fail.
 *
 * @param open Connects to the node, also once more: a connection may be lost meanwhile.
 */
export async function seeOwnNode(
  open: () => Promise<SshTransport>,
  vmid: number,
  options: LookOptions,
): Promise<OwnNode | undefined> {
  try {
    return await look(open, (ssh) => readOwnNode(ssh, vmid, options));
  } catch (error) {
    const code = error instanceof PxrunError ? error.code : undefined;
    if (code === "TIMEOUT" || code === "UNREACHABLE") return undefined;
    throw error;
  }
}

/** Reads what `tailscale status --json` prints. */
export function parseStatus(text: string): OwnNode | undefined {
  let status: { readonly Self?: Readonly<Record<string, unknown>> | null } | null;
  try {
    status = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { DNSName: name, PublicKey: nodeKey, TailscaleIPs: addresses } = status?.Self ?? {};
  if (typeof name !== "string" || name === "" || typeof nodeKey !== "string") return undefined;
  return {
    name: name.replace(/\.$/, ""),
    addresses: Array.isArray(addresses) ? addresses.map(String) : [],
    nodeKey,
  };
}
