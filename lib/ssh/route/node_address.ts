import { quote } from "../../core/argv.ts";
import { PxrunError } from "../../core/errors.ts";
import type { SshConfig } from "./config.ts";

/** Address of a node's SSH server, as far as a setting has it. */
export interface NodeAddress {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
}

/** A node's address, and who said so. */
export interface Route extends NodeAddress {
  readonly from:
    | "PXRUN_SSH_NODES"
    | "the config file"
    | "ssh_config"
    | "/cluster/status"
    | "the API's address";
}

/** Everything that may say where a node is. */
export interface RouteSources {
  /** From {@linkcode parseSshNodes}. */
  readonly nodes?: ReadonlyMap<string, NodeAddress> | undefined;
  /** Source of them (default: PXRUN_SSH_NODES). */
  readonly nodesFrom?: Route["from"] | undefined;
  /** Settings of ssh_config for the node's name. */
  readonly config?: Pick<SshConfig, "named"> | undefined;
  /** The node's ip in `/cluster/status`. */
  readonly clusterIp?: string | undefined;
  /** The host that the API is reached at, if it has a single node. */
  readonly onlyHost?: string | undefined;
}

const syntax = "NODE=[USER@]HOST[:PORT], separated by commas; an IPv6 address in brackets";

/**
 * Reads `PXRUN_SSH_NODES`: `pve01=root@10.0.0.1:22,pve02=[fd00::2]`.
 *
 * @param from What an error calls it.
 * @throws {PxrunError} USAGE with everything that is wrong at once.
 */
export function parseSshNodes(
  text: string,
  from = "PXRUN_SSH_NODES",
): ReadonlyMap<string, NodeAddress> {
  const nodes = new Map<string, NodeAddress>();
  const problems: string[] = [];
  const entries = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  for (const [index, entry] of entries.entries()) {
    const [, node, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(entry) ?? [];
    const address = value === undefined ? "it is not NODE=HOST" : parseAddress(value);
    if (typeof address === "string") problems.push(`entry ${index + 1}: ${address}`);
    else if (node === undefined || nodes.has(node)) {
      problems.push(`entry ${index + 1}: its node is named twice`);
    } else nodes.set(node, address);
  }
  if (problems.length === 0) return nodes;
  throw new PxrunError("USAGE", `${from} is wrong:\n  ${problems.join("\n  ")}`, {
    hint: `write ${syntax}`,
  });
}

/** @returns What is wrong, in place of an address. */
function parseAddress(text: string): NodeAddress | string {
  const at = text.lastIndexOf("@");
  const user = text.slice(0, Math.max(0, at));
  const [, bracketed, plain, tail] = /^(?:\[([^\]]*)\]|([^:[\]]*))(.*)$/.exec(text.slice(at + 1)) ??
    [];
  const host = bracketed ?? plain ?? "";
  if (at >= 0 && user === "") return "the user before @ is missing";
  if (user.includes(":")) return "a password cannot be written here: pxrun asks for it";
  if (/^:.*:/.test(tail ?? "")) return "write an IPv6 address in brackets: [fd00::1]:22";
  if (host === "") return "the host is missing";
  if (/[\s/=]/.test(user + host) || host.startsWith("-")) return "that is not a host";
  if (!tail) return { host, ...(user && { user }) };
  const port = /^:\d+$/.test(tail) ? Number(tail.slice(1)) : 0;
  if (port < 1 || port > 65535) return "the port is not a number from 1 to 65535";
  return { host, port, ...(user && { user }) };
}

/**
 * Decides at which address a node is reached.
 *
 * @param node The node's name.
 * @param sources Everything that may say where it is; the first that does wins.
 * @throws {PxrunError} USAGE when nothing does.
 */
export function routeToNode(node: string, sources: RouteSources): Route {
  const set = sources.nodes?.get(node);
  if (set !== undefined) return { ...set, from: sources.nodesFrom ?? "PXRUN_SSH_NODES" };
  if (sources.config?.named) return { host: node, from: "ssh_config" };
  if (sources.clusterIp) return { host: sources.clusterIp, from: "/cluster/status" };
  if (sources.onlyHost) return { host: sources.onlyHost, from: "the API's address" };
  throw new PxrunError("USAGE", `nothing says at which address SSH reaches node ${node}`, {
    hint:
      `set PXRUN_SSH_NODES=${
        quote(`${node}=root@ADDRESS`)
      }, or add "Host ${node}" to ~/.ssh/config ` +
      "(a token with Sys.Audit lets pxrun ask the cluster)",
  });
}
